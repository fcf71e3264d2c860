#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# judge.pl DIR TOOL: what came of the rows of vm/ci in DIR (plan.sh), and whether the kernel under test is worse than what it is compared
# with, which `TOOL diff` says rule by rule. JSON to stdout; ends with 0: not worse, 1: worse, 3: something could not be judged.
#
# A row's result is PASS, FAIL, UNKNOWN, CASE-FAILED (the rules hold, the case itself failed), LOST (the VM broke down), TIMEOUT (the VM
# was given up), ERROR (no verdict: the harness), MISSING (no result), or SKIP (this kernel cannot be given that row).
use strict;
use warnings;
use JSON::PP;

my %RESULT = (0 => 'PASS', 1 => 'FAIL', 3 => 'UNKNOWN', 4 => 'CASE-FAILED', 5 => 'LOST');
my %IS_JUDGED = map { $_ => 1 } qw(PASS FAIL CASE-FAILED);

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or return '';
	local $/;
	return scalar <$in> // '';
}

sub line_of { my ($file) = @_; return (split /\n/, slurp($file))[0] // ''; }

# What the harness said at last that is not about where the results are
sub last_words {
	my ($dir) = @_;
	my @lines = grep { length && !/results in/ } split /\n/, slurp("$dir/err");
	return $lines[-1] // '';
}

# The result of a run that has ended, and a few words about it
sub result_of {
	my ($dir, $status) = @_;
	my $err = slurp("$dir/err");
	return ('SKIP', 'no bitmap file can be set on this kernel') if $status eq '2' && $err =~ /no bitmap file can be set/;
	my $result = $RESULT{$status} or return ('ERROR', last_words($dir));
	if ($result eq 'LOST') {
		my ($why) = $err =~ /^vm: VM lost: (.*)/m;
		$why //= 'the VM was lost';
		return ($why =~ /deadline/ ? 'TIMEOUT' : 'LOST', $why);
	}
	my ($verdict) = slurp("$dir/out") =~ /^verdict: (.*)/m;
	return ($result, $verdict // '');
}

# One side of a row
sub side_of {
	my ($dir) = @_;
	my $status = line_of("$dir/status");
	return { result => 'MISSING', words => 'no result', failed => [], unknown => [] } if $status eq '';
	my ($result, $words) = result_of($dir, $status);
	my $verdict = eval { decode_json(slurp("$dir/verdict.json")) } // {};
	if ($IS_JUDGED{$result} && !$verdict->{invariants}) {
		($result, $words) = ('ERROR', "status $status, but no verdict.json");
	}
	my @rules = @{ $verdict->{invariants} // [] };
	return {
		result  => $result,
		words   => $words,
		failed  => [map { $_->{name} } grep { $_->{verdict} eq 'FAIL' } @rules],
		unknown => [map { $_->{name} } grep { $_->{verdict} eq 'UNKNOWN' } @rules],
		seconds => 0 + (line_of("$dir/seconds") || 0),
		host    => line_of("$dir/host"),
		dir     => $dir,
	};
}

# diff A B: its status, and the lines that say what is new, or was judged in A only
sub diff {
	my ($tool, $before, $after) = @_;
	open my $pipe, '-|', $tool, 'diff', "$before/verdict.json", "$after/verdict.json" or die "$tool: $!\n";
	my @lines = <$pipe>;
	close $pipe;
	my $status = $? >> 8;
	die "$tool diff $before $after ended with status $status\n" if $status == 2 || $? & 127;
	chomp @lines;
	my @new = map { s/\s+/ /gr } grep { $status == 1 ? /^NEW / : /^lost / } @lines;
	return ($status, join '; ', @new);
}

# What the result of a row says without another one: worse, unjudged, skipped, or same
sub alone {
	my ($row) = @_;
	my $result = $row->{result};
	return 'skipped'  if $result eq 'SKIP';
	return 'same'     if $result eq 'PASS';
	return 'worse'    if $result =~ /^(?:FAIL|LOST|CASE-FAILED)$/;
	return 'unjudged';
}

# compare ROW BASE TOOL: what the kernel under test is, and why
sub compare {
	my ($row, $base, $tool) = @_;
	my $alone = alone($row);
	return ($alone, $row->{words}) if $alone eq 'skipped' || $alone eq 'unjudged';
	if (!$IS_JUDGED{ $base->{result} }) {
		# Whatever the other kernel does: what holds, holds.
		return ('same', '') if $alone eq 'same';
		return ('unjudged', "nothing to compare with: $base->{result}, $base->{words}");
	}
	return ('worse', "$row->{result}: $row->{words}") if $row->{result} eq 'LOST';
	my ($status, $words) = diff($tool, $base->{dir}, $row->{dir});
	return ('worse', $words) if $status == 1;
	return ('worse', 'the case itself failed') if $row->{result} eq 'CASE-FAILED' && $base->{result} eq 'PASS';
	return ('unjudged', $words) if $status == 3;
	return ('same', @{ $row->{failed} } ? "as before: @{ $row->{failed} }" : '');
}

# about: lines "NAME: VALUE"
sub about { my ($file) = @_; return { map { /^(\w+): (.*)/ ? ($1, $2) : () } split /\n/, slurp($file) }; }

# The directory of the results to compare with
sub base_dir {
	my ($about, $name) = @_;
	return "base/$name" if !defined $about->{baseline};
	my ($dir) = grep { -e "$_/status" } map { "$about->{baseline}/$_/$name" } qw(base test);
	return $dir // "$about->{baseline}/test/$name";
}

sub judge_row {
	my ($about, $tool, $line) = @_;
	my %row;
	@row{qw(name kernel series level bitmap fs case options)} = split /\t/, $line, 8;
	%row = (%row, %{ side_of("test/$row{name}") });
	if ($about->{compare} eq 'base') {
		my $base = side_of(base_dir($about, $row{name}));
		@row{qw(change why)} = compare(\%row, $base, $tool);
		$row{base} = $base;
	} elsif ($about->{compare} eq 'none') {
		@row{qw(change why)} = (alone(\%row), $row{words});
	} else {
		my $alone = alone(\%row);
		$alone = 'same' if $IS_JUDGED{ $row{result} }; # there is no other kernel
		$alone = 'unjudged' if $row{result} eq 'LOST';
		@row{qw(change why)} = ($alone, $row{words});
	}
	return \%row;
}

my ($dir, $tool) = @ARGV;
chdir $dir or die "$dir: $!\n";
my $about = about('about');
my @rows = map { judge_row($about, $tool, $_) } split /\n/, slurp('rows');
my %count = (same => 0, worse => 0, unjudged => 0, skipped => 0);
$count{ $_->{change} }++ for @rows;
my $status = $count{worse} ? 1 : $count{unjudged} || !$count{same} ? 3 : 0;
my %report = (%$about, rows => \@rows, status => $status, map { ("count_$_" => $count{$_}) } keys %count);
print JSON::PP->new->utf8->canonical->pretty->indent_length(1)->encode(\%report) or die "stdout: $!\n";
close STDOUT or die "stdout: $!\n";
exit $status;
