# Sets up a throw-away server, starts it, and stops and removes it in the end. It is a process of its own, in a process
# group of its own, so that it does the last even where pevensie-pg is killed: then its input ends.
#
#   sh … NAME BIN FOLDER PORT ADDRESSES
#
# Its input begins with the password of the server. It ends when its input ends without the word "keep", when the server
# ends, and by SIGTERM; its output is the end of the server's log.
bin=$1 folder=$2 port=$3 addresses=$4
read -r password || exit 0
umask 077
mkdir "$folder" 2>&1 && cd "$folder" || exit 1
printf '%s\n' "$password" >password
exec 3<&0 4>&1 >log 2>&1

end() {
  server=$! # the last that was started
  trap '' QUIT TERM
  [ -z "$listener" ] || kill "$listener"
  # Again and again: what has only just been started does not listen yet. To the server the second means "at once".
  while :; do
    kill -TERM 0
    kill -QUIT 0
    sleep 1
  done 4>&- &
  repeating=$!
  wait "$server"
  kill -KILL "$repeating"
  tail -n 20 log >&4
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
} 4>&- &
listener=$!
{
  trap : TERM # to stay until the others have gone
  "$bin/initdb" -D data -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=password \
    -E UTF8 --locale=C --no-sync --no-instructions >initdb.log &&
    "$bin/postgres" -D data -k "$folder" -p "$port" -c listen_addresses="$addresses" -c logging_collector=off \
      -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c timezone=UTC -c log_timezone=UTC
  kill "$$"
} 3<&- 4>&- </dev/null &
wait
