"""Emit the native engine's code for the operations: `python -m autograd_core.compile.emit`."""

from . import native_rows, native_tape_header

if __name__ == "__main__":
    for emitter in (native_rows, native_tape_header):
        emitter.PATH.write_text(emitter.emitted(), encoding="utf-8")
