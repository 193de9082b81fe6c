//! Packed files from outside: whole, in parts, cut, broken, growing, and packed after they were read. `events.zst` was made by the reference encoder
//! with a window of 1 MiB and a checksum.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::forms::{counts, figures, grown, read, settle};
use super::{Events, T, append, dir};
use crate::engine::source::BLOCK;

const REFERENCE: &[u8] = include_bytes!("../../../../tests/formats/events.zst");

fn gzip(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

fn zstd(text: &str) -> Vec<u8> {
    compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
}

/// Lines that do not pack well, every fifth of them bad.
fn lines(from: usize, to: usize) -> String {
    (from..to)
        .map(|n| {
            let noise = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!(
                "{{\"ts\":{},\"status\":{},\"id\":\"{noise:016x}\"}}\n",
                T + n as i64 % 500,
                if n % 5 == 0 { 500 } else { 200 }
            )
        })
        .collect()
}

#[test]
fn given_packed_files_of_any_name_when_read_then_they_count_as_their_text_does() {
    let csv = format!("time,status\n{T},500\n{T},200\n");
    let two = |pack: fn(&str) -> Vec<u8>| [pack(&lines(0, 10)), pack(&lines(10, 20))].concat();
    let apart = |pack: fn(&str) -> Vec<u8>| {
        // a line that begins in one member and ends in the next
        let text = lines(0, 20);
        let (early, late) = text.split_at(333);
        [pack(early), pack(""), pack(late)].concat()
    };
    for (name, bytes, expected) in [
        ("a.log", gzip(&lines(0, 20)), (20, 4)),
        ("a.log", zstd(&lines(0, 20)), (20, 4)),
        ("a.csv.gz", gzip(&csv), (2, 1)),
        ("a.csv.zst", zstd(&csv), (2, 1)),
        ("two.gz", two(gzip), (20, 4)),
        ("two.zst", two(zstd), (20, 4)),
        ("apart.gz", apart(gzip), (20, 4)),
        ("apart.zst", apart(zstd), (20, 4)),
        ("skippable.zst", [b"\x53\x2a\x4d\x18\x05\0\0\0hello".to_vec(), zstd(&lines(0, 20))].concat(), (20, 4)),
        ("padded.gz", [gzip(&lines(0, 20)), vec![0; 700]].concat(), (20, 4)),
        ("empty.gz", gzip(""), (0, 0)),
        ("empty.zst", zstd(""), (0, 0)),
        ("reference", REFERENCE.to_vec(), (4000, 800)),
    ] {
        let (sum, reading) = read(name, bytes, "status >= 500");
        assert_eq!((sum, reading.bad_lines), (expected, 0), "{name}");
        assert!(!reading.partial() && !reading.files[0].unfinished, "{name}: {reading:?}");
    }
}

#[test]
fn given_packed_files_in_a_directory_when_read_then_all_of_them_are_found() {
    let dir = dir();
    append(&dir.path().join("a.log"), lines(0, 10));
    append(&dir.path().join("a.log.2.gz"), gzip(&lines(10, 20)));
    append(&dir.path().join("a.log.3.zst"), zstd(&lines(20, 30)));
    append(&dir.path().join("notes.gz"), gzip(&lines(30, 40)));
    let mut events = Events::open(dir.path()).unwrap();
    settle(&mut events);
    assert_eq!(counts(&mut events, "status >= 500"), (30, 6));
}

#[test]
fn given_a_packed_file_that_is_cut_when_read_then_its_lines_so_far_count_and_the_rest_when_it_comes() {
    for (name, bytes) in
        [("gzip", gzip(&lines(0, 4000))), ("zstd", zstd(&lines(0, 4000))), ("reference", REFERENCE.to_vec())]
    {
        let dir = dir();
        let path = dir.path().join("a.log");
        append(&path, "");
        let mut events = Events::open(&path).unwrap();
        let mut last = 0;
        for part in [3, 30, bytes.len() / 2, bytes.len() * 9 / 10, bytes.len() - 1] {
            fs::write(&path, &bytes[..part]).unwrap();
            settle(&mut events);
            let now = counts(&mut events, "status >= 500").0;
            assert!(now >= last && now <= 4000, "{name}: {now} after {last}");
            assert!(part < 30 || events.reading().files[0].unfinished, "{name}");
            assert_eq!((events.reading().bad_lines, events.reading().troubles.len()), (0, 0), "{name}");
            last = now;
        }
        assert!(last > 2000, "{name}: {last}");
        fs::write(&path, &bytes).unwrap();
        settle(&mut events);
        assert_eq!(counts(&mut events, "status >= 500"), (4000, 800), "{name}");
        assert!(!events.reading().files[0].unfinished, "{name}");
        // and another member behind it
        append(&path, if name == "gzip" { gzip(&lines(0, 5)) } else { zstd(&lines(0, 5)) });
        settle(&mut events);
        assert_eq!(counts(&mut events, "status >= 500"), (4005, 801), "{name}");
    }
}

#[test]
fn given_broken_data_when_read_then_it_is_said_which_file_and_what_was_read_before_stays() {
    let spoil = |mut bytes: Vec<u8>, at: usize| {
        bytes[at] ^= 0x55;
        bytes
    };
    let (gz, zst) = (gzip(&lines(0, 4000)), REFERENCE.to_vec());
    let (gz_end, zst_end) = (gz.len() - 6, zst.len() - 2);
    for (name, bytes, all) in [
        ("middle.gz", spoil(gz.clone(), gz.len() / 2), false),
        ("checksum.gz", spoil(gz.clone(), gz_end), true),
        ("behind.gz", [gz.clone(), b"no member".to_vec()].concat(), true),
        ("middle.zst", spoil(zst.clone(), zst.len() / 2), false),
        ("checksum.zst", spoil(zst.clone(), zst_end), true),
        ("behind.zst", [zst.clone(), b"no frame at all".to_vec()].concat(), true),
    ] {
        let dir = dir();
        let path = dir.path().join(name);
        append(&path, &bytes);
        let mut events = Events::open(&path).unwrap();
        settle(&mut events);
        let reading = events.reading();
        let trouble = reading.troubles.join(" ");
        assert!(trouble.contains(&format!("{name} cannot be unpacked: its ")), "{name}: {trouble}");
        assert!(reading.partial() && reading.troubles.len() == 1);
        assert!(!all || counts(&mut events, "status >= 500") == (4000, 800), "{name}");
        // written again, it is read on behind what was counted
        if all {
            fs::write(&path, if name.ends_with("gz") { &gz } else { &zst }).unwrap();
            append(&path, if name.ends_with("gz") { gzip(&lines(0, 5)) } else { zstd(&lines(0, 5)) });
            settle(&mut events);
            assert_eq!(counts(&mut events, "status >= 500"), (4005, 801), "{name}");
            assert!(!events.reading().partial(), "{name}");
        }
    }
}

#[test]
fn given_a_bomb_when_read_then_memory_stays_small() {
    // much text in one line, and as much of blank lines, from few bytes
    for fill in ["x", "\n"] {
        let part = fill.repeat(2 << 20);
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        (0..8).for_each(|_| out.write_all(part.as_bytes()).unwrap());
        let gz = out.finish().unwrap();
        let zst = zstd(&part).repeat(8);
        for bytes in [gz, zst] {
            let dir = dir();
            let path = dir.path().join("a.log");
            append(&path, &bytes);
            append(&path, if bytes.starts_with(&[0x1f]) { gzip(&lines(0, 5)) } else { zstd(&lines(0, 5)) });
            let mut events = Events::open(&path).unwrap();
            assert!(events.poll(4 << 20).more, "a poll ends at its budget");
            settle(&mut events);
            assert!(events.files.buffer.capacity() <= 4 * BLOCK, "{}", events.files.buffer.capacity());
            let (sum, reading) = (counts(&mut events, "status >= 500"), events.reading());
            assert_eq!((sum.0, reading.long_lines), if fill == "x" { (4, 1) } else { (5, 0) });
        }
    }
}

#[test]
fn given_a_log_that_is_packed_after_it_was_read_when_followed_then_nothing_counts_twice() {
    for (ending, pack) in [("gz", gzip as fn(&str) -> Vec<u8>), ("zst", zstd)] {
        // renamed and packed between two polls, or seen under its new name, or packed while the plain file stays
        for (is_seen, is_kept) in [(false, false), (true, false), (true, true)] {
            let dir = dir();
            let (path, old) = (dir.path().join("api.log"), dir.path().join("api.log.1"));
            append(&path, lines(0, 500));
            let mut events = Events::open(dir.path()).unwrap();
            settle(&mut events);
            // these come when nobody looks
            append(&path, lines(500, 600));
            fs::rename(&path, &old).unwrap();
            append(&path, lines(600, 700));
            if is_seen {
                settle(&mut events);
            }
            let packed = pack(&fs::read_to_string(&old).unwrap());
            // it is written while the engine looks, and its plain file goes when it is whole
            let place = dir.path().join(format!("api.log.1.{ending}"));
            if is_seen {
                append(&place, &packed[..20]);
                while events.poll(u64::MAX).more {}
                append(&place, &packed[20..]);
            } else {
                append(&place, &packed);
            }
            if !is_kept {
                fs::remove_file(&old).unwrap();
            }
            settle(&mut events);
            assert_eq!(counts(&mut events, "status >= 500"), (700, 140), "{ending} {is_seen} {is_kept}");
            assert_eq!(events.reading().bad_lines, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn packed_files_count_the_same_however_they_arrive(
        sizes in prop::collection::vec(0usize..300, 1..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        budget in 1u64..20_000,
        is_gzip in any::<bool>(),
    ) {
        let pack = if is_gzip { gzip } else { zstd };
        let bytes: Vec<u8> = sizes.iter().flat_map(|n| pack(&lines(0, *n))).collect();
        let text: String = sizes.iter().map(|n| lines(0, *n)).collect();
        let dir = dir();
        let whole = grown(&dir.path().join("a.log"), text.as_bytes(), &[], u64::MAX);
        prop_assert_eq!(grown(&dir.path().join("b.log"), &bytes, &cuts, budget), whole);
    }

    #[test]
    fn noise_behind_a_magic_never_does_harm(noise in prop::collection::vec(any::<u8>(), 0..300), is_gzip in any::<bool>()) {
        let magic: &[u8] = if is_gzip { &[0x1f, 0x8b, 8, 0] } else { &[0x28, 0xb5, 0x2f, 0xfd] };
        let dir = dir();
        let path = dir.path().join("a.log");
        append(&path, [magic, &noise].concat());
        let mut events = Events::open(&path).unwrap();
        settle(&mut events);
        let _ = figures(&mut events);
    }
}
