-- A key is unique within its resource type, by the primary key; one resource type does not take it from another.
alter table pevensie.cache drop constraint cache_key_key;
