"""An issue looked at before its readers do: as files, as pictures, and as one test mail. Nothing here changes the ledger."""
