"""Takes the power from the file system on /data: what is not on the device yet will never be (EXT4_IOC_SHUTDOWN, no log flush)."""
import fcntl
import os
import struct

if os.path.ismount('/data'):
    fcntl.ioctl(os.open('/data', os.O_RDONLY), 0x8004587D, struct.pack('I', 2))
