-- An attempt that was cut off has left this index unfinished: it costs every write and serves no read.
drop index :concurrently pevensie.:index;
