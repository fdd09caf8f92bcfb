#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pevensie_pg::fuzzing::catalog_and_checksums(data));
