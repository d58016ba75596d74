"""The media process: sockets, files and a clock around `dialer.media.switchboard`.
`dialer.telephony.media_process` is its parent's side."""
