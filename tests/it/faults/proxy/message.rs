//! Messages, as far as a [`super::Proxy`] has to know them.

use std::io::{self, Read};

/// Reads one message with its type byte, which the first one of a client does not have.
pub(super) fn read(from: &mut impl Read, is_first: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if is_first { 4 } else { 5 }];
    from.read_exact(&mut message)?;
    let length = message.last_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let rest = (length as usize).checked_sub(4).ok_or(io::ErrorKind::InvalidData)?;
    let read = message.len();
    message.resize(read + rest, 0);
    from.read_exact(&mut message[read..])?;
    Ok(message)
}

/// Its type byte and the first of its words.
pub(super) fn words(message: &[u8]) -> String {
    let [kind, rest @ ..] = message else { return String::new() };
    if *kind == 0 {
        // The request code of a CancelRequest instead of a protocol version.
        let is_cancel = message.get(4..8) == Some(&80_877_102_u32.to_be_bytes());
        return if is_cancel { "cancel" } else { "startup" }.to_owned();
    }
    let text = String::from_utf8_lossy(rest.get(4..).unwrap_or_default());
    let text: Vec<&str> = text.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty()).collect();
    let some: String = text.join(" ").chars().take(40).collect();
    format!("{} {some}", char::from(*kind)).trim_end().to_owned()
}
