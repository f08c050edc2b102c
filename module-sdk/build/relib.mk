# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The relib authors
# For GNU make: how NAME.host.h and NAME.module.c come of NAME.h, and come anew when it or what it includes changes.
#
#     include $(shell pkg-config --variable=makerules relib-module)
#     host.o: game.host.h
#     libgame.so: game.o game.module.o
#
# RELIB_BINDGEN        the program; found by pkg-config
# RELIB_BINDGEN_FLAGS  what it needs to read the header: -I, -D and -U; those in CPPFLAGS unless you set it

ifndef RELIB_BINDGEN
RELIB_BINDGEN := $(shell $(or $(PKG_CONFIG),pkg-config) --variable=bindgen relib-module)
endif
ifndef RELIB_BINDGEN_FLAGS
RELIB_BINDGEN_FLAGS = $(filter -I% -D% -U%,$(CPPFLAGS))
endif

%.host.h: %.h
	$(RELIB_BINDGEN) --host $@ -MMD -MF $@.d $< -- $(RELIB_BINDGEN_FLAGS)
%.module.c: %.h
	$(RELIB_BINDGEN) --module $@ -MMD -MF $@.d $< -- $(RELIB_BINDGEN_FLAGS)

# Without this make deletes a module.c once its .o is there.
.PRECIOUS: %.host.h %.module.c
-include $(wildcard *.host.h.d *.module.c.d)
