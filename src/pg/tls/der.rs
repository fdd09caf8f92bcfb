//! What rustls does not show of a certificate: its common name, its whole public key and, of version 1, its dates.
//!
//! Certificates made by the recipe of the PostgreSQL manual have no `subjectAltName`, and with OpenSSL before 3.2
//! they are X.509 version 1. libpq accepts both, so this much of their encoding has to be read here.

use std::time::UNIX_EPOCH;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// Returns the first common name of the certificate's subject.
pub(super) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let mut store = RootCertStore::empty();
    store.add(certificate.clone()).ok()?;
    common_name_in(&store.roots.first()?.subject)
}

/// Returns the public key in the form of RFC 7250, for certificates of any version.
pub(super) fn public_key(certificate: &CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'static>> {
    let mut store = RootCertStore::empty();
    store.add(certificate.clone()).ok()?;
    Some(SubjectPublicKeyInfoDer::from(sequence(&store.roots.first()?.subject_public_key_info)))
}

/// Returns since when and until when a certificate of version 1 is valid.
pub(super) fn validity(certificate: &CertificateDer<'_>) -> Option<(UnixTime, UnixTime)> {
    let (SEQUENCE, certificate, _) = element(certificate)? else { return None };
    let (SEQUENCE, signed, _) = element(certificate)? else { return None };
    // Before them are the serial number, the algorithm and the issuer; later versions begin with their number.
    let (_, _, rest) = element(signed)?;
    let (_, _, rest) = element(rest)?;
    let (_, _, rest) = element(rest)?;
    let (SEQUENCE, dates, _) = element(rest)? else { return None };
    let (kind, not_before, rest) = element(dates)?;
    let not_before = moment(kind, not_before)?;
    let (kind, not_after, _) = element(rest)?;
    Some((not_before, moment(kind, not_after)?))
}

/// Reads a date in one of the two forms of RFC 5280: `YYMMDDHHMMSSZ`, from 1950 on, or `YYYYMMDDHHMMSSZ`.
fn moment(kind: u8, text: &[u8]) -> Option<UnixTime> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            (format!("{}{year}", if year < "50" { "20" } else { "19" }), rest)
        }
        GENERALIZED_TIME => text.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    let moment = humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}{}", rest.get(10..)?));
    Some(UnixTime::since_unix_epoch(moment.ok()?.duration_since(UNIX_EPOCH).ok()?))
}

/// Reads the content of a `Name`: sets of pairs of an object identifier and a string.
fn common_name_in(mut name: &[u8]) -> Option<String> {
    while let Some((_, mut set, next)) = element(name) {
        name = next;
        while let Some((_, attribute, next)) = element(set) {
            set = next;
            let (OBJECT_IDENTIFIER, COMMON_NAME, value) = element(attribute)? else { continue };
            let (UTF8_STRING | PRINTABLE_STRING | TELETEX_STRING | IA5_STRING, text, _) = element(value)? else {
                return None;
            };
            return String::from_utf8(text.to_vec()).ok();
        }
    }
    None
}

/// Splits off the first element: its tag, its content, and what follows it.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = input.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => rest.split_first_chunk().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    let mut whole = vec![SEQUENCE];
    if content.len() >= 0x80 {
        whole.push(0x80 | u8::try_from(significant.len()).expect("a usize has at most eight bytes"));
    }
    whole.extend(significant);
    whole.extend(content);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_name_is_found_among_the_parts_of_a_subject() {
        let country: &[u8] = &[0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 6, 0x13, 2, b'N', b'L'];
        let common: &[u8] = &[0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 0x0c, 2, b'd', b'b'];
        let number: &[u8] = &[0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 0x02, 2, b'd', b'b'];
        for (name, expected) in [
            (vec![], None),
            (country.to_vec(), None),
            (common.to_vec(), Some("db")),
            ([country, common].concat(), Some("db")),
            (common[..common.len() - 1].to_vec(), None),
            (number.to_vec(), None),
        ] {
            assert_eq!(common_name_in(&name).as_deref(), expected, "{name:?}");
        }
    }

    #[test]
    fn dates_are_read_in_both_forms() {
        for (kind, text, expected) in [
            (UTC_TIME, "700101000001Z", Some(1)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (UTC_TIME, "491231235959", None),
            (UTC_TIME, "4912312359Z", None),
            (GENERALIZED_TIME, "20501301000000Z", None),
            (IA5_STRING, "700101000001Z", None),
        ] {
            assert_eq!(moment(kind, text.as_bytes()).map(|moment| moment.as_secs()), expected, "{text}");
        }
    }

    #[test]
    fn sequences_can_be_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let whole = sequence(&content);
            if length < 65_536 {
                assert_eq!(element(&whole), Some((SEQUENCE, &content[..], &[][..])), "{length}");
            } else {
                assert_eq!(whole[..5], [SEQUENCE, 0x83, 1, 0x11, 0x70]);
                assert_eq!(element(&whole), None, "longer than any certificate");
            }
        }
    }
}
