# Runs "$@" in the folder $1 until standard input closes, which happens when the test process ends, however it ends.
# Then the command is stopped and the folder removed. A command that ends by itself leaves its folder, to be read.
folder=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
(
    read -r _ <&3
    : >"$folder/stopping"
    kill "$child"
) &
watcher=$!
wait "$child"
status=$?
if [ -e "$folder/stopping" ]; then
    rm -rf "$folder"
else
    kill "$watcher"
fi
exit "$status"
