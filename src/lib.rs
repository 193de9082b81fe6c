//! quarterdeck: command an incident from one terminal.
//!
//! # Bird's eye
//!
//! An incident is a stream of entries in a journal. Everything that is shown, exported or decided is a fold of those entries: there is no
//! second truth. A person wants something recorded ([`incident::command::Command`]); a pure rule decides
//! ([`incident::decide()`]) and answers with facts or with a refusal; the facts are appended after the head that the rule saw; the
//! entry comes back from the journal, and only then does the screen move. An act on the outside is such an entry too: it is written
//! down before it is tried, tried once by the run of the program that wrote it, and its outcome is written down after.
//!
//! ```text
//!   keys, paste, focus ────────┐
//!   the next due moment ───────┤
//!   entries of the journal ────┼──► Msg + now ──► app::update(&mut App) ──► Vec<Effect> ──┐
//!   answers, sights, outcomes ─┘                        │ decide · apply                  │
//!                                                       ▼                                 │
//!                                  view::draw(&App, &Theme, ..) ──► cells, Spots          │
//!   journal thread   ◄── Append, Read ◄───────────────────────────────────────────────────┤
//!   engine thread    ◄── Ask (an SLO over event files) ◄──────────────────────────────────┤
//!   liaison thread   ◄── Ask (an SLO of a query backend; each for itself) ◄───────────────┤
//!   changes thread   ◄── AskChanges (files and backends, each for itself) ◄───────────────┤
//!   hands thread     ◄── Look, Plan, Carry, Export, Keep, WriteGate ◄─────────────────────┤
//!   provider threads ◄── Look, Plan, Carry of switches that are somebody else's ◄─────────┤
//!   probe threads    ◄── Probe (all at once, each with its deadline) ◄────────────────────┤
//!   markers thread   ◄── Mark, Seek (each for itself: none keeps an act waiting) ◄────────┤
//!   tmux, if any     ◄── WhoElse (before a shared screen is left) ◄───────────────────────┤
//!   terminal         ◄── Bell, Title, Redraw, Suspend, Quit ◄─────────────────────────────┘
//! ```
//!
//! # Three verbs
//!
//! * **decide** (Incident, Rules, Command, Stamp → drafts of facts, or a Refusal). Performs nothing.
//! * **apply** (Incident, Entry → Incident). Total: it cannot refuse, and ignores what it has already seen.
//! * **carry** (our own fresh Intent → Outcome). Only [`shell::hands`] and, for markers, [`shell::markers`] do it, once, off the drawing
//!   path.
//!
//! # The rooms
//!
//! | room | what it is for | what it must not know |
//! | --- | --- | --- |
//! | [`incident`] | what is true: facts, fold, rules, cadence, what is due | clocks, files, terminals |
//! | [`query`] | what can be asked: filters, SLO arithmetic in integers, state words | where counts come from |
//! | [`engine`] | event files → columns → counts per bucket | incidents, journals, the screen |
//! | [`journal`] | where entries are kept: SQLite or memory, the hint that others appended | what facts mean |
//! | [`liaison`] | who talks to others: cleaning of text, query backends, flag files, the status page | the journal, the screen |
//! | [`drill`] | a rehearsed world as a pure function of scenario, seed and flips | files, clocks |
//! | [`app`] | what the screen knows: one writer, messages in, effects out | files, clocks, colours |
//! | [`view`] | what it looks like: state in, cells out | how state changes |
//! | [`exchange`] | what we hand over and take back: Markdown, JSON, OpenSLO, Sloth, `gate.json` | how files are opened |
//! | [`config`] | file, environment and arguments → one value, made of values of [`incident`] and [`query`] | everything else |
//! | [`cli`] | one file per command; the same rules and the same hands as the screen | terminals, foreign words |
//! | [`shell`] | the only clock, terminal, threads and signals | – |
//!
//! Who may import whom is a test (`tests/architecture`), and so are clocks, colours, the environment, processes and file sizes.
//!
//! # Invariants
//!
//! * Reading never writes. Replaying performs nothing.
//! * Time, chance and identity are arguments. *Due*, *stale* and *late* are comparisons, not timers.
//! * One append is in flight per session; what was typed meanwhile waits in order and is decided when the journal has answered.
//! * Entries are spoken of by id. An index never crosses a function boundary that outlives a frame.
//! * Text from outside is cleaned where it comes in. Facts in the journal are verbatim; what is shown is harmless.
//! * Facts hold no floats: parts per million, thousandths, microseconds.
//!
//! # Where building differed from the first design
//!
//! * There is no ratatui `Terminal` or `Backend`: [`shell::encoder`] compares two buffers itself. ratatui's own comparison leaves half of
//!   a replaced wide character in the newcomer's style; ours is exact for wide and joined characters, and an unchanged frame is 0 bytes.
//! * Between two due moments only what a message stirred can change, so moving in the record draws the header and the timeline over
//!   the frame that stands ([`app::Stirred`], [`view::draw_record`]) instead of a whole frame: a cold frame costs three times a warm one,
//!   and this key is the one that is held down. A law says that the picture is the same.
//! * Files are written by a plain thread ([`shell::hands`]); the async runtimes are there for signals and for query backends, each on a
//!   thread of its own. A file that hangs must not hang the signals, nor a backend another one.
//! * A counter of Prometheus is asked as differences of its samples, not as `increase`: they telescope, so the sum over any window is
//!   exact, a reset or a silence loses nothing, and Prometheus 2 and 3 agree although their ranges differ.
//! * How long a budget lasts is said at the rate of the last five minutes while many events fail: in the first minutes of an outage the mean of
//!   the hour promises hours that are not there. Where few fail, the hour says more.
//! * ClickHouse's columns have types and its maps have none: beside a number in a filter a map's text is read as a number. Texts are bound, numbers
//!   are written into the statement. A bucket without rows had no traffic only after the first row the table ever held.
//! * What a source reports to have changed is known again by its time, its source and its words: the record itself remembers what was taken, so that
//!   two screens, a restart and a file that is read anew add nothing. A time that a source knows only about is compared about.
//! * A flag file says when it was last written and nothing else: that is a change of its own, told where no act of ours and no look since says what was
//!   written. A screen that looks at its switches waits a minute before it says so.
//! * Whoever asks what changed is shown a day before the beginning, and an incident writes down an hour of it: a cause may be old, and a record must not
//!   fill with what is not one. What may have done it stands above what came since, the nearest first, because causes come before their effects.
//! * Turns at Honeycomb (ten runs a minute for a team) are given out before a run is begun, one of them kept for what is on the screen; an
//!   answer that is a moment old is not run again because somebody looks at the chart in another way. Its last minute is asked for when it
//!   has settled, so that events on their way are not taken for traffic that is gone.
//! * Honeycomb's whole window is counted in quarters of an hour first, in one run beside that of the last hours, and each minute only of the last day, of the
//!   chart that somebody looks at, and from the last act on. A quarter stands as fifteen minutes that share its events, but not where the window
//!   begins: the sixteen hours that leave it next are asked for by the minute, so its figures are exact; no narrow column, no condition and nothing said of an act is made of them. Where pages are looked for in all of it, and in slices,
//!   each minute is asked for.
//! * What a backend is asked is counted from the real present, whatever moment a question is about: a relative time means now to it, and so does its reach.
//!   What its SLO says of itself is of now; of a moment that is over its history speaks, each with its own time.
//! * Honeycomb's two kinds of conditions compare with the whole window's budget. Where a part of the window is not known, the budget is what the known part
//!   allows, as many times as it fits: a source of an hour would cry all month otherwise.
//! * Traffic that fell is judged by the hour before it, and after an hour by the same minutes of earlier weeks as well: two weeks that had no more make it a
//!   night, or last week and the day before; one is no witness, and nothing at all is never usual.
//! * What a source says of an answer (parts are missing, 550 good of 500 events) is kept beside the counts ([`query::doubts`]) and goes with them: a partial
//!   answer about the past is asked for again after ever longer waits. Any warning that is not known to be harmless means that something may be missing;
//!   where it is of the last hours, nothing is called good.
//! * A condition that can never hold is none: one that a short window makes slower than the budget allows, and one that a low target makes faster than
//!   where everything fails. Where none is left, or none that wakes somebody, that is said, and a probe that wants quiet is unknown: it is red at once where most
//!   of the last minutes fails.
//! * What a budget proposes (to declare, a severity, a freeze) is no fact: it follows from what holds and from what was decided since, and goes away by itself.
//! * A budget of a calendar is counted from the beginning of its period; burn rates and conditions look back across it, because what burns does not
//!   stop at midnight. Slices of time are a series like that of events, with one and at most one bad in each, so that there is one arithmetic.
//! * An act whose outcome was lost (the program was killed, the journal could not take it) is looked for before anything else is decided about
//!   its switch, at the command line too: what was seen is written down, and only then it can be taken back. Whoever only lists changes nothing.
//!   No run knows whether another one is gone, since all that is known of it is a number: an act without an outcome is waited for one minute, and what
//!   is refused meanwhile says for whose act, and until when. Until then nothing is so already: what is served may be otherwise in a moment.
//! * An act without an outcome that stands in a time to come was asked before the clock was set back: it counts as lost at once, so that no stop waits
//!   for it. What is asked about outside is asked anew then, an end that was asked for is asked about, and a hold ends by the clock as it is.
//! * What became of a lost act is told by the whole state, which its provider's room compares with what the act had found and wanted
//!   ([`incident::sought`]): a word says the same of one of two strategies and of both. What is neither counts as done as far as undoing goes, and as a
//!   way back it took nothing back. Where the words say it by themselves the entry says no more, so that older builds read it.
//! * A no to a write is believed where whoever said it documents that nothing was done then. Any other, and a redirect, is read back or is unsure; at a server
//!   of kind http, of which nothing is documented here, only its probe is believed. Who failed, or said nothing, may do it still.
//! * A flag file in YAML has a twin in JSON, on which everything is worked out and proven; what differs afterwards in one flag is written back where it
//!   stands, and the result is read again and compared before it is used. What is put back stands as it stood, to the byte. What readers of YAML understand
//!   in different ways (anchors, tags, dates, numbers that are not JSON's) is refused with its line.
//! * What is staged beside a file is locked by whoever stages it. One that nobody holds is left from a run that was killed, and the next turn removes it.
//! * An end at LaunchDarkly is a target that expires where that one target is all there is to put back, else a scheduled change. What comes back when an
//!   end has come is no flapping, and leaves nothing to undo.
//! * A marker on others' graphs is an intent of a kind of its own, decided in one append with what it is about: so only the run that wrote the one
//!   asks for the other, however many look on. It blocks no close, rings nothing, and has a row of its own only while or because it is
//!   not there. Its outcome is what the answer to the one request says; an answer that says nothing is unsure, and the list is read.
//! * What a field's values share is asked twice, now and while all was quiet, and compared in one place ([`query::shares`]) for every source. Labels
//!   that total and part do not both have are refused: their bad events would stand beside no value, and every other would look well.
//! * What is good may be said instead of what is bad: bad is then all that counts without it, also what lacks a field that is asked for. Our filters
//!   know no third answer, so that this is their complement; Honeycomb is asked for what is good, and what it says nothing of is bad.
//! * A percentile of each value is a run of its own at Honeycomb, since those of good and of bad events cannot be put together; ClickHouse's is
//!   asked a hair lower, so that it is the nearest rank there as in event files.
//! * Holds of releases stand in the standing stream and have rules of their own ([`incident::standing`]), the same for screen and command line. What was done
//!   while an incident was open is told in its stream afterwards, by whoever sees that it is not told yet: two streams need no common append,
//!   and a program that dies between them leaves a hold, and a line that the next one writes.
//! * A hold meets what is inside its scope and what contains it, a pass covers only what is inside: both fail towards frozen. What pipelines read
//!   says how much of which journal it has seen, so that of several writers none writes over one that knows more.
//! * A provider of switches that is on another machine has a thread of its own: one that hangs keeps no act on another waiting, and acts on one
//!   provider follow one another, and so do those of one plan: each is tried when the one before it has ended, however it ended. Every provider answers
//!   the same questions in the values of [`incident::switch`].
//! * What can be done with a switch is chosen from a list, also where it is one thing: the same keys never arm here what they only show there. Ways
//!   back stand first, the smallest step first, then stops, the narrowest first; choosing never does more than show a preview. How much must be typed follows [`incident::risk`]; the command line asks for the same.
//! * Whether a share takes away or gives back is judged by whom its own plan found reached ([`incident::switch::Plan::reach`]), in one place for screen and
//!   command line ([`incident::intent::Intended::on`]); nobody's knowing is giving back, unless each way in lets in no more
//!   ([`incident::switch::Plan::narrows`]). What others are asked to approve is judged as the act itself.
//! * A confirmation is bound to what was *seen*; an act to the whole state that its plan found, which the provider's room compares once more
//!   before it sends. Where either is not there any more, it is planned anew by itself ([`incident::meanwhile`]) and asked anew, with the exact name
//!   whatever it risks, since two people turn at one switch; what confirmed the old plan confirms nothing.
//! * *Observed* is not *done*: where somebody can ask as a client does, an act that was accepted is looked for there, and what is seen is an entry. A value
//!   that comes back afterwards is *flapping back*, told from the same entries. A command looks for a few seconds and ends with a code of its own in vain,
//!   since a script that goes on must not take *accepted* for *served*; a screen looks for as long as it is open, after some minutes once a minute.
//! * Who is stopped by requests has to be asked about one by one: a handful is, of those who are stopped by our record. Of the others a look says that it
//!   did not ask, and nobody takes them for put back.
//! * Taking back one act of several on a target puts back what came after it too, so the acts left to undo are told by the earliest that stands. A step
//!   on the way back is not another thing to undo.
//! * Whether there is something to stop is known by a plan alone ([`incident::switch::Plan::idle`]): words may be the same where rules serve something else. What
//!   rules let through is not stopped, whatever value the others get ([`incident::switch::Sight::is_let_through`]).
//! * A step back is planned on the state that the act it steps back from had found, where a stop sets rules aside ([`incident::switch::Wanted::Step`]), and bound to
//!   what is there now: so nobody gets at a step what was not served to them before.
//! * What can be done with a switch follows what is seen of it, not the last act alone ([`app::served`]): a stop that somebody else put back is no way
//!   back, and can be done again. Two such stops are one thing to undo: taking back the newer one takes back both.
//!   What somebody else is seen to have put back leaves nothing to undo, to end or to keep longer, and stands in the row with who did it, until it is seen
//!   to stand again. It is loud for a quarter of an hour; later it is somebody's decision.
//! * What needs two people waits as an entry that holds the very plan; whoever agrees plans anew and must find the same. Nothing has to void it; what is
//!   known to be void, repeated or taken back ([`incident::second::Fate`]) is only no longer shown as waiting.
//! * Lifting somebody else's hold waits in the same way where two people are asked for ([`incident::waiting`]), but there is nothing to plan anew: whoever agrees
//!   adds nothing but the scope, so that the reason and the review of whoever asked stand. A hold never changes, so only its end voids what waits.
//! * An act stands in the stream of the incident it was done for, and nowhere else; what is stopped, whose it was and what state it found goes by
//!   the switch, over all streams ([`incident::intent::Intents`] put together, in [`incident::cadence::Rules::elsewhere`] where rules are asked). So there
//!   is no second record to keep in step: whoever decides reads what the other streams hold. What another incident left stopped is taken back where it
//!   was done while that is open, else in the incident that is meant, or alone.
//! * Taking back is one's own only if all that it takes back is, is young and left what is served ([`incident::own`]). Steps are as free as the whole.
//! * A pass without an end is a fact of another kind than one with an end: it names the holds that it goes through.
//! * An end is moved by a fact where this program keeps it, and the run that was asked still carries it out. Where its provider keeps it, it is moved there by
//!   an act, and only that act's being done moves it here: the record never says later than what is known there. Earlier is no end that is moved: it is putting back.
//! * An end that comes while a later one is typed at the screen that would carry it out waits there until that prompt is left; an end that somebody else
//!   keeps waits for nobody, and the prompt says so.
//! * An end that was asked for is carried out by the run that was asked, once, when what is served is what was left and, for a stop for everybody, the
//!   indicator is calm; any other run reminds people of it.
//! * Soaks are asked after in every open incident, not only in the one on the screen: the others' streams are followed ([`app`]'s `others`) and folded whole
//!   wherever a probe has a soak, and what is asked, answered and stopped after it is written into its own stream. After what was lifted or restored with no
//!   incident open it is the standing stream, for an hour: whoever comes to work the next day lifted nothing.
//! * A probe that was read before a lift or a restore by command is written down when that is done, before it, and not when it is refused or only looked at.
//!   `probe run` with no incident open writes nothing: pipelines ask it all day.
//! * What somebody makes of a switch is found by looking, also where its provider keeps a record. Both speak of it in the words of that record
//!   ([`incident::cadence::Rules::audits`]), so that the second of the two is known to be the same change, whichever comes first.
//! * What is asked for as a plan is one entry with all of its acts, so that no part of it can be confirmed, expire or be void by itself; one review is owed
//!   for what went alone together. That a request was found void is a fact, by whoever would have agreed: a switch that is as it was again revives nothing.
//! * An act that did not wait for a second person, and a lift without its review, owe a task. With no incident open it stands in the standing stream: `status`,
//!   `freeze list` and the priorities of every screen show it, whichever incident is open, until somebody brings what came of it.
//! * What is stopped for one context only is not stopped for a plan, which stops it for the others as well.
//! * The exit criterion is of all objectives ([`app::criterion`]): one that is healthy speaks for no other, and one in the way is named. The chart opens on the
//!   worst, once; what somebody looks at is not taken away when another gets worse.
//! * A condition stands until it is known that it does not hold: silence ends no page, in the list, in the sentence, in data and in what is proposed.
//! * A value is *not counted* where no objective counts it that reads the same events: the same files, or the same table, dataset or metric of one backend
//!   ([`config::asks::Asks::reads`]). Each is asked for itself, and one that cannot be asked is named.
//! * A number people say *is* the name of the stream within one journal. Whoever declares appends to an empty stream; who comes second
//!   takes the next number.
//! * That nothing bad was counted says something only where something bad could have been. A Prometheus selector that never matched a series in the window is
//!   *unproven*: most often nothing has failed yet, so it is no alarm, blocks nobody else and is said once, in the doubts; but its figures are not
//!   called good, and no exit is promised by them. It is known from the answers that are asked for anyway. What it is called wrongly only the doctor
//!   asks, who calls that missing which no first failure can mend: a label the metric has not, a regular expression behind `=`, a metric's name a letter
//!   or two beside that of the total. A query that ends in `or vector(0)` says that nothing is meant by nothing.
//! * In event files a filter that compares with a field that no event has, or that never holds what it looks at, is *partial*, first in the doubts and
//!   missing for the doctor: files are ours to look into, and a field that only failures have can be asked for by `exists`. So is one of what counts that
//!   wants such a field. A field that nearly every good event had and most of the latest lack, or that holds something else now,
//!   is the same ([`query::gone`]): it has another name. It is judged by the last ten minutes, or as far back as twenty events reach; one that only
//!   failures have is not gone while nothing fails, and where another alternative of a filter still sees something, or only some lack it, it is said and no
//!   more. From when on it is so no condition is quiet, and none ceases to hold. A writer's clock that is ahead is the same: what fails now is not counted
//!   yet. A packed file may end in the middle while it is written, and for a minute after.
//! * In event files a text where a filter compares with a number is never a number, and nobody knows what its writer meant: where a tenth of the latest events are not
//!   bad and would be if that text said so, that is the same, also where it was so from the beginning, since good events tell nothing of what is usual then. Fewer
//!   are noise, like a dash for no answer, but of those that read as what is asked for one in a hundred is no noise; whoever names texts in the filter knew of them. A line that cannot be read is such an event too. It has no time, so it
//!   is taken for as old as the events beside it; lines of a file that holds no event at all are none. Where none of the events ever counted it is *partial* and
//!   not *no traffic*, which an exit would pass over.
//! * Honeycomb is asked for its list of columns, name by name and once in a quarter of an hour, without a run: a name that nobody there has is the same as in
//!   event files. One that nobody has written for a day, or that is only asked for by `exists` and was never written, is *unproven*, because it may come with
//!   the first failure; and so is a key that no map of ClickHouse held within a day, where an unknown column is refused already; one that the
//!   latest rows lack is as in event files, by what six strips of the last day call usual. In
//!   how many events the columns of Honeycomb are missing each run tells besides, so that they are judged as files are, by up to seven days. Where something
//!   cannot be asked it is said, and nothing else changes.
//! * A native histogram is no count: where Prometheus answers with histograms, or notes that it left some out, a moment without a number is not known, and
//!   never none.
//! * A time that is looked back at has a word of its own ([`app::then::Then::state`]), by what was said of that time.
//! * What has served for a probe's soak is asked about by whichever screen claims it first, with an entry; the answer is another. What is red then stops a
//!   switch only where it was asked in time: a late answer, one that nobody could give, or a person who was quicker, stops nothing.
//! * Turns at Honeycomb are written down in one small file for each team in the state directory, under its lock, so that a second screen, a probe and a
//!   command take from the same nine. Where it cannot be written each begins four, since two of them are then still below the limit, and says so.
//! * Minutes of the hour are UTC minutes: a person in a zone with a half hour reads the same slots half an hour apart.
//! * A promised next update replaces the slots until then: that is when people were told to look again.

pub mod app;
pub mod cli;
pub mod config;
pub mod drill;
pub mod engine;
pub mod exchange;
pub mod incident;
pub mod journal;
pub mod liaison;
pub mod query;
pub mod shell;
pub mod view;
