//! What holds for every text in the place of `sql/CHECKSUMS`.

use super::*;

/// Checks that each line is either read or refused, and none passed over.
pub(crate) fn check(text: &str) {
    if let Some(Frozen { lines, withdrawn }) = Frozen::parse(text) {
        assert_eq!(lines.len() + withdrawn.len(), text.lines().count(), "{text:?}");
        for ((checksum, path), line) in lines.iter().zip(text.lines().filter(|line| !line.ends_with(" withdrawn"))) {
            assert!(line.eq_ignore_ascii_case(&format!("{checksum}  {path}")), "{line:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_read_as_they_were_written(
            lines in prop::collection::vec((any::<[u8; 2]>(), 0..3_usize, 0..60_u32, "[a-z_]{1,5}", any::<bool>()), 0..6),
        ) {
            let line = |(bytes, module, second, name, gone): &([u8; 2], usize, u32, String, bool)| {
                let (checksum, module) = (Checksum::of(&format!("{bytes:?}")), Module::ALL[*module]);
                let gone = if *gone { " withdrawn" } else { "" };
                format!("{checksum}  {module}/202401010000{second:02}_{name}.up.sql{gone}\n")
            };
            let text: String = lines.iter().map(line).collect();
            check(&text);
            let frozen = Frozen::parse(&text).unwrap();
            prop_assert_eq!(frozen.withdrawn.len(), lines.iter().filter(|line| line.4).count());
            // One character less is no checksum, or no path.
            prop_assert!(lines.is_empty() || Frozen::parse(&text[1..]).is_none());
        }

        #[test]
        fn no_text_is_too_odd(text in prop_oneof!["\\PC{0,40}", "([0-9a-f]{64}  [a-z/0-9_ ]{0,20}\n){0,3}"]) {
            check(&text);
        }
    }
}
