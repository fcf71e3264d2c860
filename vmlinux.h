/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that the probes touch, and of each only the members they read. Maintained by
 * hand: this file shows everything that bitmap-trace depends on. Offsets mean nothing; every
 * access is relocated against the running kernel's BTF (CO-RE). A member that some kernels lack
 * is tested for with bpf_core_field_exists() where it is used, never by version, and is
 * declared in a flavour (struct NAME___SOMETHING). Every kernel must have the members outside
 * flavours; tests/core_test.sh checks that against the BTF of some kernels.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u64 sector_t;
typedef __u32 dev_t;
typedef __u32 blk_opf_t;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY = 0 };
enum { BPF_F_MMAPABLE = 1 << 10 };

struct bpf_spin_lock {
	__u32 val;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/types.h */
struct list_head {
	struct list_head *next;
};

/* include/linux/workqueue.h, percpu-refcount.h */
struct work_struct {
	struct list_head entry;
};

struct percpu_ref {
	unsigned long percpu_count_ptr;
};

/* include/linux/fs.h, mm_types.h, page-flags.h, writeback.h, buffer_head.h */
enum pageflags { PG_locked = 0, PG_head = 6 };

struct page {
	unsigned long flags;
	unsigned long private;
};

/* kernel/bpf/ringbuf.c */
struct bpf_ringbuf {
	unsigned long mask;
	struct page **pages;
};

struct bpf_ringbuf_map {
	struct bpf_ringbuf *rb;
};

struct super_block {
	unsigned int s_dev;
	unsigned long s_magic;
	struct block_device *s_bdev;
};

struct inode {
	struct super_block *i_sb;
};

struct address_space {
	struct inode *host;
};

struct folio {
	struct address_space *mapping;
	unsigned long index;
};

/* Before 6.18; since then a memdesc_flags_t. */
struct folio___flags {
	unsigned long flags;
};

typedef struct {
	unsigned long f;
} memdesc_flags_t;

struct folio___memdesc {
	memdesc_flags_t flags;
};

/* Of large folios; renamed in 6.16. */
struct folio___folio_nr_pages {
	unsigned int _folio_nr_pages;
};

struct folio___nr_pages {
	unsigned int _nr_pages;
};

struct file {
	struct address_space *f_mapping;
};

/* An int would not work here: CO-RE distinguishes enums and integers. */
enum writeback_sync_modes { WB_SYNC_NONE = 0, WB_SYNC_ALL = 1 };

struct writeback_control {
	s64 range_start;
	s64 range_end;
	enum writeback_sync_modes sync_mode;
};

struct buffer_head {
	struct page *b_page;
	struct buffer_head *b_this_page;
	sector_t b_blocknr;
	void *b_private;
	struct block_device *b_bdev;
};

/* include/linux/sched.h */
struct task_struct {
	int pid;
	char comm[16];
};

/* include/linux/blk_types.h, bvec.h, blkdev.h */
enum req_flag_bits { __REQ_FUA = 17, __REQ_PREFLUSH = 18 };

struct gendisk {
	char disk_name[32];
};

/* Since 6.11. */
struct queue_limits___features {
	unsigned int features;
	unsigned int flags;
};

struct request_queue___limits {
	struct queue_limits___features limits;
};

struct request_queue;

/* Before 6.11 the queue's flags describe the cache. */
struct request_queue___queue_flags {
	unsigned long queue_flags;
};

struct block_device {
	sector_t bd_start_sect;
	dev_t bd_dev;
	void *bd_holder;
	struct request_queue *bd_queue;
};

struct bvec_iter {
	sector_t bi_sector;
	unsigned int bi_size;
};

struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
};

struct bio {
	struct block_device *bi_bdev;
	blk_opf_t bi_opf;
	u8 bi_status;
	struct bvec_iter bi_iter;
	void *bi_end_io;
	void *bi_private;
	struct bio_vec *bi_io_vec;
	unsigned short bi_vcnt;
};

/* drivers/md/md.h, md-bitmap.c (md-bitmap.h before 6.12) */
struct bitmap;

struct mddev {
	struct list_head disks;
	dev_t unit;
	struct gendisk *gendisk;
	int external;
	int chunk_sectors;
	int level;
	int layout;
	int raid_disks;
	int degraded;
	u64 events;
	sector_t dev_sectors;
	sector_t reshape_position;
	sector_t resync_max_sectors;
	struct bitmap *bitmap;
	struct {
		unsigned long daemon_sleep;
	} bitmap_info;
};

enum flag_bits { Faulty = 0 };

struct md_rdev {
	struct list_head same_set;
	struct mddev *mddev;
	struct block_device *bdev;
	sector_t data_offset;
	unsigned long flags;
	int desc_nr;
	int raid_disk;
};

struct bitmap_page {
	char *map;
	unsigned int hijacked : 1;
	unsigned int count : 30;
};

struct bitmap_counts {
	struct bitmap_page *bp;
	unsigned long pages;
	unsigned long chunkshift;
	unsigned long chunks;
};

struct bitmap_storage {
	struct file *file;
	struct page *sb_page;
	unsigned long sb_index;
	struct page **filemap;
	unsigned long *filemap_attr;
	unsigned long file_pages;
	unsigned long bytes;
};

struct bitmap {
	struct bitmap_counts counts;
	struct mddev *mddev;
	struct bitmap_storage storage;
	unsigned long flags;
	int need_sync;
	int allclean;
	unsigned long daemon_lastrun;
	unsigned long last_end_sync;
};

/* drivers/md/md-llbitmap.c, since 6.18 where it is built */
enum llbitmap_state___ll {
	BitUnwritten = 0,
	BitClean,
	BitDirty,
	BitNeedSync,
	BitSyncing,
	BitNeedSyncUnwritten,
	BitSyncingUnwritten,
	BitCleanUnwritten,
	BitStateCount,
};

enum llbitmap_action___ll {
	BitmapActionStartwrite = 0,
	BitmapActionStartsync,
	BitmapActionEndsync,
	BitmapActionAbortsync,
	BitmapActionReload,
	BitmapActionDaemon,
	BitmapActionDiscard,
	BitmapActionStale,
	BitmapActionProactiveSync,
	BitmapActionClearUnwritten,
	BitmapActionCount,
};

enum llbitmap_page_state___ll { LLPageFlush = 0, LLPageDirty };

struct llbitmap_page_ctl___ll {
	char *state;
	struct page *page;
	unsigned long flags;
	struct percpu_ref active;
	unsigned long dirty[1];
};

struct llbitmap___ll {
	struct mddev *mddev;
	struct llbitmap_page_ctl___ll **pctl;
	unsigned int nr_pages;
	unsigned int io_size;
	unsigned long chunkshift;
	unsigned long chunks;
	struct work_struct daemon_work;
	unsigned long flags;
};

struct llbitmap_unplug_work___ll {
	struct llbitmap___ll *llbitmap;
};

#pragma clang attribute pop

#endif /* __VMLINUX_H__ */
