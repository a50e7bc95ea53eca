"""`python -m hairfeed`, and the command `hairfeed`."""

import gc


def main() -> None:
    """Run the command line."""
    # Nothing that an import makes is ever garbage: looking through it all again and again is a sixth of an idle pass. Stages load
    # what they need later, so the collector also begins less often than after Python's 700 new objects.
    gc.disable()
    try:
        from hairfeed import cli

        gc.freeze()
        gc.set_threshold(20_000)
        gc.enable()
        cli.main()
    except KeyboardInterrupt:
        # Ctrl-C before any command has begun.
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
