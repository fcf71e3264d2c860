#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# lib-verdict.pl VERDICT.JSON EXPECTATION...: compares the JSON report of `bitmap-trace check` with the expectations;
# prints the differences, and ends with 1 if there are any.
#
#   status STATUS                    exit status of vm/run, must match the verdict
#   total VERDICT [COUNT]...         the verdict as a whole; counts such as set_bits=8
#   INVARIANT VERDICT [COUNT]...     held=8, broken>=1, checked=8 (held or broken); VERDICT may be PASS|FAIL, and
#                                    then needs a count: PASS|FAIL alone says nothing
#   evidence INVARIANT STORY         the counterexample has this sequence of events, see %STORY
#
# A rule without an expectation is an error. So is invalid evidence: not in order, or without the event that broke the
# rule. The total verdict must follow from the rules' verdicts.
use strict;
use warnings;
use JSON::PP;

my @wrong;
sub wrong { push @wrong, join('', @_); return; }

# ---- counterexamples ----

# field EVENT NAME: its value, "a|b" of several, '' if the event has none
sub field {
	my ($event, $name) = @_;
	my $value = $event->{$name} // '';
	return ref $value ? join('|', @$value) : $value;
}

# The first event after position FROM that is called NAME and satisfies WHERE; its position
sub find {
	my ($events, $from, $name, $where) = @_;
	for my $i ($from + 1 .. $#$events) {
		local $_ = $events->[$i];
		return $i if $_->{event} eq $name && (!$where || $where->());
	}
	return;
}

# The position of the event that broke the rule
sub offending {
	my ($example) = @_;
	my $events = $example->{events};
	my ($at) = grep { $events->[$_]{seq} == $example->{offending_seq} } 0 .. $#$events;
	return $at;
}

sub stack_has {
	my ($example, @functions) = @_;
	my @stack = @{ $example->{stack} // [] };
	wrong 'the stack is empty' if !@stack;
	for my $function (@functions) {
		wrong "no $function in the stack: @stack" if !grep { /$function/ } @stack;
	}
	return;
}

# The bit is set, one thread submits its page, and another thread's unplug returns while that write is in flight.
sub other_unplug_returned {
	my ($example) = @_;
	my $events = $example->{events};
	my $data = offending($example);
	my $sector_chunk = int(field($events->[$data], 'sector') / 128); # of 64 KiB
	return wrong "the offender is $events->[$data]{event}, not data_start" if $events->[$data]{event} ne 'data_start';
	my $set = find($events, -1, 'set_bit', sub { field($_, 'chunk') == $sector_chunk });
	return wrong "no set_bit of chunk $sector_chunk" if !defined $set;
	my $page = field($events->[$set], 'page');
	my $start = find($events, $set, 'page_write_start', sub { field($_, 'page') == $page });
	return wrong 'no page_write_start after set_bit' if !defined $start;
	my $writer = $events->[$start]{tid};
	my $exit = find($events, $start, 'unplug_exit', sub { $_->{tid} != $writer });
	return wrong 'no unplug_exit of another thread after page_write_start' if !defined $exit;
	my $enter = find($events, $start, 'unplug_enter', sub { $_->{tid} == $events->[$exit]{tid} });
	wrong 'the unplug that returned was not entered after page_write_start'
		if !defined $enter || $enter > $exit;
	wrong 'the data did not go down after that unplug' if $data < $exit;
	my $ended = find($events, $start, 'page_write_end', sub { field($_, 'page') == $page });
	wrong 'the page write does not end after the data' if !defined $ended || $ended < $data;
	same_write($events, $start, $ended);
	stack_has($example, '^flush_bio_list\+.*\[raid1\]$');
	return;
}

# A page of an internal bitmap is written to each member, with one bio each.
# The same in a lockless bitmap, where a worker writes for the first writer.
sub lockless_unplug_returned {
	my ($example) = @_;
	my $events = $example->{events};
	my $data = offending($example);
	return wrong "the offender is $events->[$data]{event}, not data_start" if $events->[$data]{event} ne 'data_start';
	my $set = find($events, -1, 'll_state', sub { field($_, 'after') eq 'dirty' });
	return wrong 'no chunk becomes dirty' if !defined $set;
	my $start = find($events, $set, 'page_write_start');
	return wrong 'no page_write_start after it' if !defined $start;
	my $exit = find($events, $start, 'unplug_exit', sub { $_->{tid} == $events->[$data]{tid} });
	return wrong 'the writer has not returned from its unplug after page_write_start' if !defined $exit;
	my $enter = find($events, $set, 'unplug_enter', sub { $_->{tid} == $events->[$data]{tid} });
	wrong 'its unplug was not entered before' if !defined $enter || $enter > $exit;
	wrong 'the data did not go down after that unplug' if $data < $exit;
	return;
}

sub same_write {
	my ($events, $start, $end) = @_;
	return if !defined $end || field($events->[$start], 'backend') eq 'internal';
	wrong 'the write that ends is not the one that began'
		if field($events->[$start], 'io') ne field($events->[$end], 'io');
	return;
}

# An unplug that does not wait: it returns before its page write has ended.
sub unplug_returned_early {
	my ($example, $unseen_start) = @_;
	my $events = $example->{events};
	my $exit = offending($example);
	return wrong "the offender is $events->[$exit]{event}, not unplug_exit" if $events->[$exit]{event} ne 'unplug_exit';
	my $tid = $events->[$exit]{tid};
	my $set = find($events, -1, 'set_bit');
	return wrong 'no set_bit' if !defined $set;
	my $page = field($events->[$set], 'page');
	my $enter = find($events, $set, 'unplug_enter', sub { $_->{tid} == $tid });
	return wrong 'no unplug_enter of the same thread after set_bit' if !defined $enter || $enter > $exit;
	my $ended = find($events, $set, 'page_write_end', sub { field($_, 'page') == $page });
	wrong 'the page write does not end after unplug_exit' if !defined $ended || $ended < $exit;
	if (!$unseen_start) {
		my $start = find($events, $enter, 'page_write_start', sub { field($_, 'page') == $page && $_->{tid} == $tid });
		wrong 'no page_write_start of that thread between unplug_enter and unplug_exit'
			if !defined $start || $start > $exit;
		same_write($events, $start, $ended) if defined $start;
	}
	wrong "the stack does not begin with __bitmap_unplug and its caller: @{ $example->{stack} // [] }"
		if join(' ', @{ $example->{stack} // [] }) !~ /^__bitmap_unplug\+\S+ \[md_mod\] md_bitmap_unplug\w*\+\S+ \[md_mod\] /;
	return;
}

# The data is submitted after an unplug that returned before its page write had ended.
sub data_after_early_unplug {
	my ($example) = @_;
	my $events = $example->{events};
	my $data = offending($example);
	return wrong "the offender is $events->[$data]{event}, not data_start" if $events->[$data]{event} ne 'data_start';
	my $set = find($events, -1, 'set_bit', sub { field($_, 'chunk') == int(field($events->[$data], 'sector') / 128) });
	return wrong 'no set_bit of the chunk' if !defined $set;
	my $exit = find($events, $set, 'unplug_exit');
	wrong 'no unplug_exit between set_bit and data' if !defined $exit || $exit > $data;
	my $page = field($events->[$set], 'page');
	my $ended = find($events, $set, 'page_write_end', sub { field($_, 'page') == $page });
	wrong 'the page write does not end after the data' if !defined $ended || $ended < $data;
	stack_has($example, '^flush_bio_list\+.*\[raid1\]$');
	return;
}

# STALE is set, then it is not, and no page was written in between.
sub stale_dropped_unwritten {
	my ($example) = @_;
	my $events = $example->{events};
	my $drop = offending($example);
	wrong 'no event with STALE before the offender' if !grep { field($_, 'flags') =~ /stale/ } @{$events}[0 .. $drop - 1];
	wrong 'the offender has STALE' if field($events->[$drop], 'flags') =~ /stale/;
	my $ended = find($events, -1, 'page_write_end');
	wrong 'a page was written before STALE was dropped' if defined $ended && $ended < $drop;
	return;
}

my %STORY = (
	'lockless-unplug-returned' => \&lockless_unplug_returned,
	'other-unplug-returned' => \&other_unplug_returned,
	'unplug-returned-early' => \&unplug_returned_early,
	'unplug-returned-early-start-unseen' => sub { unplug_returned_early($_[0], 1) },
	'data-after-early-unplug' => \&data_after_early_unplug,
	'stale-dropped-unwritten' => \&stale_dropped_unwritten,
);

# ---- verdicts ----

sub check_counts {
	my ($what, $have, $verdict, @counts) = @_;
	wrong "$what is $have->{verdict} ($have->{reason}), expected $verdict" if $have->{verdict} !~ /^(?:$verdict)$/;
	die "$what $verdict: two verdicts need a count\n" if $verdict =~ /[|]/ && !@counts && $what ne 'total';
	for (@counts) {
		my ($key, $op, $count) = /^(\w+)(>=|=)(\d+)$/ or die "not a count: $_\n";
		my $value = $key eq 'checked' ? $have->{held} + $have->{broken} : $have->{$key} // -1;
		wrong "$what: $key is $value, expected $_" if $op eq '=' ? $value != $count : $value < $count;
	}
	return;
}

# Required of each verdict, independent of the expectations
sub check_sound {
	my ($have) = @_;
	my ($name, $verdict, $example) = @{$have}{qw(name verdict counterexample)};
	wrong "$name: PASS, held $have->{held}, broken $have->{broken}"
		if $verdict eq 'PASS' && ($have->{held} == 0 || $have->{broken} != 0);
	wrong "$name: $verdict with a counterexample" if $verdict ne 'FAIL' && $example;
	return if $verdict ne 'FAIL';
	if ($name eq 'kernel-clean') { # the harness's, of the kernel's log
		wrong "$name: FAIL without the kernel's words" if !@{ $have->{reports} // [] };
		return;
	}
	return wrong "$name: FAIL without evidence" if $have->{broken} == 0 || !$example || !@{ $example->{events} };
	my @seqs = map { $_->{seq} } @{ $example->{events} };
	wrong "$name: the events are not in order: @seqs" if grep { $seqs[$_] <= $seqs[$_ - 1] } 1 .. $#seqs;
	wrong "$name: the event that broke the rule is not shown" if !defined offending($example);
	# Changes of states are emitted by a callback of bpf_loop(), which does not have the program's context.
	my $stackless = defined offending($example) && $example->{events}[offending($example)]{event} eq 'll_state';
	wrong "$name: the event that broke the rule has no kernel stack" if !$stackless && !@{ $example->{stack} // [] };
	return;
}

sub check_total {
	my ($total, @verdicts) = @_;
	my ($made) = grep { my $verdict = $_; grep { $_ eq $verdict } @verdicts } qw(FAIL UNKNOWN PASS);
	wrong "the verdict is $total, and those of the invariants make it $made" if $total ne ($made // 'UNKNOWN');
	return;
}

sub check_status {
	my ($status, $total) = @_;
	my %verdict = (0 => 'PASS', 1 => 'FAIL', 3 => 'UNKNOWN', 4 => 'PASS');
	wrong "the exit status is $status, and the verdict $total" if ($verdict{$status} // 'none') ne $total;
	return;
}

# N/A, since the run has seen no bitmap of the implementation that it is about
sub about_others {
	my ($invariant) = @_;
	return $invariant->{verdict} eq 'N/A' && $invariant->{reason} =~ /^no array with a (?:classic|lockless) bitmap$/;
}

my ($file, @expectations) = @ARGV;
open my $in, '<', $file or do { print "no report: $file: $!\n"; exit 1 };
my $report = eval { decode_json(do { local $/; <$in> }) } or do { print "$file is not JSON: $@"; exit 1 };
my %invariant = map { $_->{name} => $_ } @{ $report->{invariants} };
my %named;

check_sound($_) for @{ $report->{invariants} };
check_total($report->{verdict}, map { $_->{verdict} } @{ $report->{invariants} });
wrong "lost: $report->{lost}" if $report->{lost} != 0;
for my $expectation (@expectations) {
	my ($word, @rest) = split ' ', $expectation;
	if ($word eq 'status') {
		check_status($rest[0], $report->{verdict});
	} elsif ($word eq 'total') {
		check_counts($word, $report, @rest);
	} elsif ($word eq 'evidence') {
		my ($name, $story) = @rest;
		my $example = $invariant{$name}{counterexample};
		my $before = @wrong;
		if ($example && defined offending($example)) { $STORY{$story}->($example) } else { wrong 'there is none' }
		$_ = "evidence of $name: $_" for @wrong[$before .. $#wrong];
	} elsif ($invariant{$word}) {
		$named{$word} = 1;
		check_counts($word, $invariant{$word}, @rest);
	} else {
		wrong "no invariant $word in the report";
	}
}
wrong "$_ is $invariant{$_}{verdict}, and nothing was expected of it" 
	for grep { !$named{$_} && !about_others($invariant{$_}) } sort keys %invariant;
print "$_\n" for @wrong;
exit(@wrong ? 1 : 0);
