# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A bitmap file as md would find it when the array has run without it.

# le32 NUMBER, le64 NUMBER: as bytes
le32() {
	local n=$1 i
	for ((i = 0; i < 4; i++)); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\x$(printf %02x $(((n >> (8 * i)) & 255)))"
	done
}
le64() { le32 "$1" && le32 "$(($1 >> 32))"; }

# superblock_bytes OFFSET COUNT: of the first member's superblock (1.2: at 4 KiB;
# struct mdp_superblock_1 in include/uapi/linux/raid/md_p.h). Direct: what the
# page cache has of the device may be from before md wrote to it.
superblock_bytes() {
	dd if="${BT_MEMBERS%% *}" iflag=direct bs=4096 skip=1 count=1 status=none |
		tail -c +$(($1 + 1)) | head -c "$2"
}

# stale_bitmap_file CHUNKS CHUNK_BYTES: of the stopped array, one event behind it,
# all bits clear (bitmap_super_t in drivers/md/md-bitmap.h)
stale_bitmap_file() {
	local events
	events=$(superblock_bytes 200 8 | od -An -t u8)
	((events > 0)) || fail 'the array has not seen an event yet that a bitmap could be behind'
	{
		printf bitm
		le32 4                          # version
		superblock_bytes 16 16          # uuid
		le64 "$((events - 1))"          # events
		le64 "$((events - 1))"          # events_cleared
		le64 0                          # sync_size: md fills it in
		le32 0                          # state: nothing known to be wrong
		le32 "$2"                       # chunksize
		le32 1                          # daemon_sleep, seconds
		head -c $((256 - 60)) /dev/zero # write_behind and what follows
		head -c $((($1 + 7) / 8)) /dev/zero
	} >"$BT_BITMAP"
	sync "$BT_BITMAP"
}
