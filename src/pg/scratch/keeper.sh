# Sets up a throw-away server, starts it, and stops and removes it in the end. It is a process of its own, in a process
# group of its own, so that it does the last even where pevensie-pg is killed: then its input ends.
#
#   sh -c … NAME BIN FOLDER PORT ADDRESSES
#
# It ends when its input ends without the word "keep", when the server ends, and by SIGTERM.
bin=$1 folder=$2 port=$3 addresses=$4
exec 3<&0

end() {
  server=$! # the last that was started
  trap '' QUIT TERM
  [ -z "$listener" ] || kill "$listener"
  # Again and again: what has only just been started does not listen yet. To the server the second means "at once".
  while :; do
    kill -TERM 0
    kill -QUIT 0
    sleep 1
  done &
  repeating=$!
  wait "$server"
  kill -KILL "$repeating"
  cd /
  for attempt in 1 2 3 4 5; do
    rm -rf "$folder" && break
    sleep 1 # what initdb has started may still be writing
  done
  exit 0
} 2>/dev/null
trap end TERM

{
  read -r word <&3
  [ "$word" = keep ] || kill "$$"
} &
listener=$!
{
  trap : TERM # to stay until the others have gone
  "$bin/initdb" -D data -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=password \
    -E UTF8 --locale=C --no-sync --no-instructions >initdb.log &&
    "$bin/postgres" -D data -k "$folder" -p "$port" -c listen_addresses="$addresses" -c logging_collector=off \
      -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c timezone=UTC -c log_timezone=UTC
  kill "$$"
} 3<&- </dev/null &
wait
