drop table pevensie.cache;
