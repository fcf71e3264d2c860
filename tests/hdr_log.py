#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""hdr_log.py <LOG: for each line of a log of HdrHistogram its tag, count, median and maximum in ns.

Written from the description of the format, for tests. tests/hdr_log.js does the same by hdr-histogram-js (npm), by hand.
"""
import base64
import struct
import sys
import zlib


def numbers(data):
    """Varints of at most 9 bytes, zigzag; a negative one is a run of zeroes."""
    at = index = 0
    while at < len(data):
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            if shift == 56:
                value |= byte << shift
                break
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        value = value >> 1 ^ -(value & 1)
        if value < 0:
            index -= value
            continue
        yield index, value
        index += 1


def highest(index):
    """Two digits: 256 counts from 0 on, then 128 for each power of two."""
    octave = max((index >> 7) - 1, 0)
    low = (index - (octave << 7)) << octave
    return low + (1 << octave) - 1


def main():
    for line in sys.stdin:
        if not line.startswith('Tag='):
            continue
        tag, start, length, _, text = line.rstrip('\n').split(',')
        assert float(start) >= 0 and float(length) > 0
        packed = base64.b64decode(text, validate=True)
        cookie, size = struct.unpack('>II', packed[:8])
        assert cookie == 0x1C849314 and size == len(packed) - 8
        data = zlib.decompress(packed[8:])
        cookie, size, offset, digits, low, _, ratio = struct.unpack('>IIIIQQd', data[:40])
        assert (cookie, size, offset, digits, low, ratio) == (0x1C849313, len(data) - 40, 0, 2, 1, 1.0)
        counts = list(numbers(data[40:]))
        total, seen = sum(count for _, count in counts), 0
        for index, count in counts:
            seen += count
            if seen * 2 >= total:
                break
        print(tag[4:], total, highest(index), highest(counts[-1][0]))


main()
