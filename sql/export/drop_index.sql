drop index concurrently if exists pevensie.:index;
