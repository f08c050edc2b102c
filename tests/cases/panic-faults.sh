# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# Faults of modules without the tracker: contained all the same.
"$PROGRAMS/unit/test_faults" --no-tracker
