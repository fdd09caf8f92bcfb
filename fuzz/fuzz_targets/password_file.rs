#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pevensie_pg::fuzzing::password_file(data));
