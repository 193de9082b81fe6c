#!/usr/bin/env python3
"""`freeze check` beside what a pipeline would write by hand: jq on the same gate.json, from a file and through curl, in one sitting.

    cargo build --release
    python3 benches/beside-jq.py [--program target/release/quarterdeck] [--holds 40] [--rounds 40]

Makes a home of its own with holds in many places, a pass for one build and the gate.json that is written for pipelines, then lets all take turns, each in a
process of its own, from its start to its exit code: frozen, let through by the pass, and open. Every one must come to the same answer. What jq is
asked is less than what `freeze check` judges: whose place a hold meets, and whether the pass names the build; not how old the file is, whose journal it is of,
when holds and passes end and which holds a pass goes through, nor who is to be asked for an exception. Prints medians and the slowest.
"""

import argparse
import functools
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

FIX = "1f2e3d4c5b6a79880716253443526170f1e2d3c4"
OTHER = "0123456789012345678901234567890123456789"
# frozen is 3, open is 0: a hold of the place, of what is around it or of what is in it, and no pass that names the build
JQ = """
def meets($h): $h == "*" or $h == $scope or ($scope | startswith($h + "/")) or ($h | startswith($scope + "/"));
if any(.holds[]; meets(.scope)) | not then "open"
elif any(.passes[]; . as $p | ($scope == .scope or ($scope | startswith($p.scope + "/"))) and ($ref | startswith($p.ref))) then "open"
else "frozen" end
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a directory and says nothing."""

    def log_message(self, *_):
        pass


class Home:
    """A home of its own for the program."""

    def __init__(self, directory, program):
        self.program = program
        self.gate = os.path.join(directory, "gate")
        os.makedirs(self.gate)
        parts = {"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}
        self.environment = {name: os.path.join(directory, part) for name, part in parts.items()}
        self.environment |= {"PATH": os.environ.get("PATH", ""), "QUARTERDECK_PERSON": "Ana"}
        configuration = os.path.join(directory, "config", "quarterdeck")
        os.makedirs(configuration)
        with open(os.path.join(configuration, "config.toml"), "w", encoding="utf-8") as out:
            out.write(f"[gate]\ndir = {json.dumps(self.gate)}\n")

    def does(self, *arguments):
        """Runs it; it must end well."""
        subprocess.run([self.program, *arguments], env=self.environment, check=True, stdout=subprocess.DEVNULL)


def timed(command, environment, wanted):
    """Milliseconds from a program's start to its end; it must end with this code."""
    began = time.perf_counter()
    ended = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took = (time.perf_counter() - began) * 1000
    if ended.returncode != wanted:
        sys.exit(f"{command} ended with {ended.returncode}, and {wanted} is right")
    return took


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/quarterdeck")
    parser.add_argument("--holds", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    for tool in ["jq", "curl"]:
        if not shutil.which(tool):
            print(f"{tool} is not there: its rows are left out")
    with tempfile.TemporaryDirectory() as directory:
        home = Home(directory, os.path.abspath(asked.program))
        home.does("freeze", "add", "--scope", "prod/api", "--why", "1823 is not understood")
        for number in range(1, asked.holds):
            home.does("freeze", "add", "--scope", f"prod/service-{number}", "--why", f"what the outage of service {number} left behind")
        home.does("freeze", "pass", "--scope", "prod/api", "--ref", FIX[:10], "--why", "the fix")
        handler = functools.partial(Quiet, directory=home.gate)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file, url = os.path.join(home.gate, "gate.json"), f"http://127.0.0.1:{server.server_port}/gate.json"
        print(f"{asked.holds} holds, one pass, gate.json of {os.path.getsize(file)} bytes; {asked.rounds} rounds; milliseconds, start to exit code\n")

        def check(*more):
            return lambda scope, ref: [home.program, "freeze", "check", "--scope", scope, "--ref", ref, *more]

        def shell(feed):
            words = 'test "$(' + feed + """ | jq -r --arg scope "$1" --arg ref "$2" "$3")" = open || exit 3"""
            return lambda scope, ref: ["sh", "-c", words, "sh", scope, ref, JQ]

        ways = {
            "freeze check, this machine's journal": check(),
            "freeze check --from FILE": check("--from", file),
            "freeze check --from URL": check("--from", url),
        }
        if shutil.which("jq"):
            ways["jq on the file"] = shell(f"cat '{file}'")
        if shutil.which("jq") and shutil.which("curl"):
            ways["curl | jq"] = shell(f"curl -fsS '{url}'")
        questions = [("frozen", "prod/api", OTHER, 3), ("passed", "prod/api", FIX, 0), ("open", "stage", OTHER, 0)]
        found = {(way, question[0]): [] for way in ways for question in questions}
        for _ in range(asked.rounds):
            for way, command in ways.items():
                for name, scope, ref, code in questions:
                    found[way, name].append(timed(command(scope, ref), home.environment, code))
        print(f"{'':<38}" + "".join(f"{name + ' median':>15}{'max':>8}" for name, *_ in questions))
        for way in ways:
            cells = [found[way, name] for name, *_ in questions]
            print(f"{way:<38}" + "".join(f"{statistics.median(cell):>15.1f}{max(cell):>8.1f}" for cell in cells))
        server.shutdown()


if __name__ == "__main__":
    main()
