#!/bin/sh
# What the launcher of a flex template starts: it gives parameters and the
# runner's flags, and no command.
exec /opt/ctcohort/ctcohort template "$@"
