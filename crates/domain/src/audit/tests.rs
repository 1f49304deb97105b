use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::audit::{Actor, Draft, Object, Readable, SubjectKey};
use crate::time::Timestamp;

/// Entries made once, in the format as it was first released. Never made again.
const TRAIL_V1: &str = include_str!("../../tests/data/trail_v1.jsonl");

const TENANT_LOG: &str = "c0ffee00-0000-4000-8000-000000000001";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn key(byte: u8) -> SubjectKey {
    SubjectKey::new([byte; 32])
}

/// The drafts of the golden file with the key each is placed under: what the format has to carry,
/// from a plain step of a stage to free text in another script.
fn drafts() -> Vec<(Draft, SubjectKey)> {
    let draft = |when: &str, actor: (&str, &str), verb: &str, object: (&str, &str)| Draft {
        at: at(when),
        actor: Actor { kind: actor.0.into(), id: actor.1.into() },
        verb: verb.into(),
        object: Object { kind: object.0.into(), id: object.1.into() },
        from: None,
        to: None,
        details: json!({}),
        readable: Readable::default(),
    };
    let candidate = ("candidate", "0190a000-0000-7000-8000-00000000000a");
    let mut entries = vec![(
        Draft {
            details: json!({ "idle": 2, "in_use": 40, "rule_version": 1 }),
            readable: Readable { text: "Judged every seat: 2 idle, 40 in use".into(), ..Readable::default() },
            ..draft(
                "2026-11-24T08:00:00Z",
                ("system", "detect"),
                "findings.judged",
                ("rule", "0190a000-0000-7000-8000-000000000001"),
            )
        },
        key(7),
    )];
    entries.push((
        Draft {
            from: Some("ready".into()),
            to: Some("awaiting_approval".into()),
            readable: Readable {
                actor_name: Some("Zoë \"Zed\" O'Neil".into()),
                user_id: Some("11111111-1111-4111-8111-111111111111".into()),
                text: "Proposed to take back Microsoft 365 E3".into(),
                reason: None,
            },
            ..draft(
                "2026-11-24T08:00:00.000001Z",
                ("account", "0190a000-0000-7000-8000-0000000000a1"),
                "candidate.start",
                candidate,
            )
        },
        key(1),
    ));
    entries.push((
        Draft {
            from: Some("awaiting_approval".into()),
            to: Some("closed_skipped".into()),
            details: json!({ "nested": { "b": [1, -2, null, true], "a": "line\nbreak\t\u{1}" }, "Z": 0, "é": "日本 \u{1f512}" }),
            readable: Readable {
                actor_name: Some("李雷".into()),
                user_id: Some("11111111-1111-4111-8111-111111111111".into()),
                text: "Let them keep it".into(),
                reason: Some("on parental leave; \"back in May\"\n日本".into()),
            },
            ..draft("2026-11-24T23:59:59.999999Z", ("token", "0190a000-0000-7000-8000-0000000000b2"), "candidate.keep", candidate)
        },
        key(1),
    ));
    entries.push((
        Draft {
            details: json!({ "request_id": "9f2d", "sends": 1 }),
            readable: Readable {
                user_id: Some("22222222-2222-4222-8222-222222222222".into()),
                text: "Microsoft accepted the removal".into(),
                ..Readable::default()
            },
            from: Some("revoking".into()),
            to: Some("verifying".into()),
            ..draft(
                "2026-11-25T00:00:00Z",
                ("system", "write_back"),
                "candidate.write_happened",
                ("candidate", "0190a000-0000-7000-8000-00000000000b"),
            )
        },
        key(2),
    ));
    entries
}

fn build(log: &str, drafts: &[(Draft, SubjectKey)]) -> Vec<Link> {
    let mut head = ChainHash::GENESIS;
    let mut links = Vec::new();
    for (seq, (draft, key)) in (1..).zip(drafts) {
        let bytes = Entry::place(draft, log, seq, &head.to_string(), key).to_bytes();
        let leaf = Entry::leaf_hash(&bytes);
        head = head.after(&leaf);
        links.push(Link { seq, bytes, leaf_hash: hex(&leaf), chain_hash: head.to_string() });
    }
    links
}

/// Checks a whole log against the head kept apart from it.
fn verify(log: &str, links: &[Link], head: &Link) -> Result<u64, Broken> {
    let mut verifier = Verifier::new(log);
    for link in links {
        verifier.check(link)?;
    }
    verifier.finish(head.seq, &head.chain_hash)?;
    Ok(verifier.checked())
}

fn line(link: &Link) -> String {
    let entry = String::from_utf8(link.bytes.clone()).expect("canonical bytes are UTF-8");
    json!({ "seq": link.seq, "entry": entry, "leaf_hash": link.leaf_hash, "chain_hash": link.chain_hash }).to_string()
}

fn read_line(line: &str) -> Link {
    let value: Value = serde_json::from_str(line).expect("a line of JSON");
    let text = |name: &str| value[name].as_str().expect("a text").to_owned();
    Link {
        seq: value["seq"].as_u64().expect("a number"),
        bytes: text("entry").into_bytes(),
        leaf_hash: text("leaf_hash"),
        chain_hash: text("chain_hash"),
    }
}

fn golden() -> Vec<Link> {
    TRAIL_V1.lines().map(read_line).collect()
}

#[test]
fn the_first_released_entries_still_verify() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    assert_eq!(verify(TENANT_LOG, &links, &last), Ok(4));
}

#[test]
fn the_same_drafts_still_make_the_same_bytes() {
    let made: Vec<String> = build(TENANT_LOG, &drafts()).iter().map(line).collect();
    let kept: Vec<&str> = TRAIL_V1.lines().collect();
    assert_eq!(made, kept, "the format is final; a change of it needs a new version beside the old");
}

#[test]
fn the_worked_example_of_the_format_page_is_true() {
    let page = include_str!("../../../../docs/adr/0004-trail-entry-format.md");
    let first = golden().remove(0);
    let bytes = String::from_utf8(first.bytes.clone()).expect("UTF-8");
    let (draft, key) = drafts().remove(0);
    let readable = serde_json::to_value(&draft.readable).expect("plain strings");
    let readable = String::from_utf8(canonical_json(&readable)).expect("UTF-8");
    for (what, text) in [
        ("the bytes", bytes.as_str()),
        ("the leaf hash", first.leaf_hash.as_str()),
        ("the chain hash", first.chain_hash.as_str()),
        ("the readable part", readable.as_str()),
        ("its commitment", Entry::bind(&draft.readable, &key).as_str()),
    ] {
        assert!(page.contains(text), "{what} on the page should be\n{text}");
    }
}

#[test]
fn canonical_json_has_one_form() {
    let forms = [r#"{"b":1,"a":[true,null,"x"]}"#, "{ \"a\" : [ true , null , \"\\u0078\" ] ,\n\"b\" : 1 }"];
    for form in forms {
        let value: Value = serde_json::from_str(form).expect("JSON");
        assert_eq!(canonical_json(&value), br#"{"a":[true,null,"x"],"b":1}"#);
    }
    // Keys by their UTF-8 bytes: capitals before small letters before what is not ASCII.
    let keys = json!({ "é": 1, "a": 2, "Z": 3, "\u{1f512}": 4, "\u{ffff}": 5 });
    assert_eq!(
        String::from_utf8(canonical_json(&keys)).expect("UTF-8"),
        "{\"Z\":3,\"a\":2,\"é\":1,\"\u{ffff}\":5,\"\u{1f512}\":4}"
    );
}

#[test]
fn every_changed_byte_is_found_at_its_entry() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    let mut tried = 0_u32;
    for at in 0..links.len() {
        for byte in 0..links[at].bytes.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut changed = links.clone();
                changed[at].bytes[byte] ^= flip;
                let broken = verify(TENANT_LOG, &changed, &last).expect_err("a changed byte is found");
                assert_eq!(broken.seq, links[at].seq, "byte {byte} of entry {}", at + 1);
                tried += 1;
            }
        }
    }
    println!("changed {tried} bytes, all found");
    assert!(tried > 4_000);
}

#[test]
fn every_changed_hash_is_found_at_its_entry() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    let other = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).expect("hexadecimal")
    };
    for at in 0..links.len() {
        for digit in 0..64 {
            let mut changed = links.clone();
            changed[at].leaf_hash = other(&links[at].leaf_hash, digit);
            assert_eq!(verify(TENANT_LOG, &changed, &last).expect_err("found").seq, links[at].seq);
            let mut changed = links.clone();
            changed[at].chain_hash = other(&links[at].chain_hash, digit);
            assert_eq!(verify(TENANT_LOG, &changed, &last).expect_err("found").seq, links[at].seq);
        }
        let mut changed = links.clone();
        changed[at].seq += 1;
        assert_eq!(verify(TENANT_LOG, &changed, &last).expect_err("found").seq, links[at].seq);
    }
}

/// A changed entry whose own hashes were made to fit: found at the entry itself by the hash beside
/// the next, or by the head where it is the last.
#[test]
fn a_change_with_fitting_hashes_breaks_the_link_to_the_next() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    for at in 0..links.len() {
        let mut forged = links.clone();
        let mut entry: Entry = serde_json::from_slice(&links[at].bytes).expect("an entry");
        entry.verb.push('x');
        forged[at].bytes = entry.to_bytes();
        let leaf = Entry::leaf_hash(&forged[at].bytes);
        let before = if at == 0 { ChainHash::GENESIS.to_string() } else { links[at - 1].chain_hash.clone() };
        forged[at].leaf_hash = hex(&leaf);
        forged[at].chain_hash = from_hex(&before).after(&leaf).to_string();
        let broken = verify(TENANT_LOG, &forged, &last).expect_err("found");
        let expected = (links[at].seq + 1).min(last.seq);
        assert_eq!(broken.seq, expected, "{broken}");
    }
}

fn from_hex(text: &str) -> ChainHash {
    let mut bytes = [0_u8; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hexadecimal");
    }
    ChainHash::from_bytes(bytes)
}

#[test]
fn deleting_swapping_doubling_and_putting_in_are_found_where_they_begin() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    for at in 0..links.len() {
        let mut deleted = links.clone();
        deleted.remove(at);
        let broken = verify(TENANT_LOG, &deleted, &last).expect_err("a deleted entry is found");
        assert_eq!(broken.seq, links[at].seq);

        let mut renumbered = deleted.clone();
        for (seq, link) in (1..).zip(&mut renumbered) {
            link.seq = seq;
        }
        assert!(verify(TENANT_LOG, &renumbered, &last).is_err(), "renumbering hides nothing");

        let mut doubled = links.clone();
        doubled.insert(at, links[at].clone());
        assert_eq!(verify(TENANT_LOG, &doubled, &last).expect_err("found").seq, links[at].seq + 1);

        for other in at + 1..links.len() {
            let mut swapped = links.clone();
            swapped.swap(at, other);
            assert_eq!(verify(TENANT_LOG, &swapped, &last).expect_err("found").seq, links[at].seq);
        }
    }
    // An entry of the same place from another log, well made in itself.
    let foreign = build("installation", &drafts());
    for at in 0..links.len() {
        let mut mixed = links.clone();
        mixed[at] = foreign[at].clone();
        assert_eq!(verify(TENANT_LOG, &mixed, &last).expect_err("found").seq, links[at].seq);
    }
    assert!(verify("installation", &links, &last).is_err(), "a log is checked under its own name");
}

#[test]
fn a_cut_tail_and_an_added_one_are_found_against_the_head() {
    let links = golden();
    let last = links.last().expect("entries").clone();
    for kept in 0..links.len() {
        let broken = verify(TENANT_LOG, &links[..kept], &last).expect_err("a cut tail is found");
        assert_eq!(broken.seq, kept as u64 + 1, "the first entry that should be there");
    }
    let before_last = &links[links.len() - 2];
    let broken = verify(TENANT_LOG, &links, before_last).expect_err("an entry after the head is found");
    assert_eq!(broken.seq, last.seq);
    let nothing = Link { seq: 0, bytes: vec![], leaf_hash: String::new(), chain_hash: ChainHash::GENESIS.to_string() };
    assert_eq!(verify(TENANT_LOG, &[], &nothing), Ok(0), "an empty log is a log");
    assert!(verify(TENANT_LOG, &links, &nothing).is_err());
}

#[test]
fn an_entry_with_more_fields_or_another_version_is_not_believed() {
    let links = golden();
    let verdict = |change: fn(&mut Value)| {
        let mut value: Value = serde_json::from_slice(&links[0].bytes).expect("JSON");
        change(&mut value);
        let bytes = canonical_json(&value);
        let leaf = Entry::leaf_hash(&bytes);
        let chain_hash = ChainHash::GENESIS.after(&leaf).to_string();
        Verifier::new(TENANT_LOG).check(&Link { seq: 1, bytes, leaf_hash: hex(&leaf), chain_hash })
    };
    assert!(verdict(|_| {}).is_ok());
    let changes: [fn(&mut Value); 5] = [
        |value| value["more"] = json!(1),
        |value| value["actor"]["more"] = json!(1),
        |value| drop(value.as_object_mut().expect("an object").remove("to")),
        |value| value["v"] = json!(2),
        |value| value["seq"] = json!("1"),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(verdict(change).is_err(), "change {at}");
    }
    let spaced = String::from_utf8(links[0].bytes.clone()).expect("UTF-8").replace("\":", "\": ").into_bytes();
    let leaf = Entry::leaf_hash(&spaced);
    let link = Link { bytes: spaced, leaf_hash: hex(&leaf), ..links[0].clone() };
    assert!(Verifier::new(TENANT_LOG).check(&link).is_err(), "one form only");
}

#[test]
fn the_hashed_part_names_nobody() {
    let made = build(TENANT_LOG, &drafts());
    for ((draft, _), link) in drafts().iter().zip(&made) {
        let text = String::from_utf8(link.bytes.clone()).expect("UTF-8");
        let readable = &draft.readable;
        let secrets = [readable.user_id.as_deref(), readable.actor_name.as_deref(), readable.reason.as_deref()];
        for secret in secrets.into_iter().flatten().chain([readable.text.as_str()]) {
            assert!(!text.contains(secret), "{secret:?} stands in the hashed part");
        }
    }
}

#[test]
fn one_person_is_one_commitment_under_one_key_and_another_under_another() {
    let subject = |link: &Link| {
        let entry: Entry = serde_json::from_slice(&link.bytes).expect("an entry");
        entry.subject.map(|commitment| commitment.as_str().to_owned())
    };
    let subjects: Vec<Option<String>> = golden().iter().map(subject).collect();
    assert_eq!(subjects[0], None, "a step of a stage is about nobody");
    assert_eq!(subjects[1], subjects[2], "the same person");
    let people: BTreeSet<&String> = subjects.iter().flatten().collect();
    assert_eq!(people.len(), 2);
    let user = b"11111111-1111-4111-8111-111111111111";
    assert_ne!(key(1).commit(user), key(3).commit(user), "without the key nobody can be guessed");
}

#[test]
fn erasing_a_person_keeps_the_chain_and_takes_the_binding_away() {
    let links = build(TENANT_LOG, &drafts());
    let last = links.last().expect("entries").clone();
    // What is stored beside the entries: readable parts, and keys by person.
    let mut readable: Vec<Option<Readable>> = drafts().into_iter().map(|(draft, _)| Some(draft.readable)).collect();
    let mut keys: Vec<Option<SubjectKey>> = drafts().into_iter().map(|(_, key)| Some(key)).collect();
    let bound = |link: &Link, readable: &Readable, key: &SubjectKey| {
        let entry: Entry = serde_json::from_slice(&link.bytes).expect("an entry");
        entry.readable == Entry::bind(readable, key)
    };
    for at in 0..links.len() {
        let (text, key) = (readable[at].as_ref().expect("there"), keys[at].as_ref().expect("there"));
        assert!(bound(&links[at], text, key));
        let changed = Readable { text: format!("{} not", text.text), ..text.clone() };
        assert!(!bound(&links[at], &changed, key), "a changed sentence is found while the key lives");
    }
    for at in [1, 2] {
        readable[at] = None;
        keys[at] = None;
    }
    assert_eq!(verify(TENANT_LOG, &links, &last), Ok(4), "the chain needs no key");
    assert!(readable[3].is_some() && keys[3].is_some(), "nobody else is touched");
}

#[test]
fn a_key_is_never_shown() {
    assert_eq!(format!("{:?}", key(0x41)), "SubjectKey(hidden)");
}
