#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# kernel_clean.pl STATUS DIR [--allow=PATTERN]... <LOG: the rule kernel-clean. LOG is what the guest's kernel logged during
# the case; a BUG, WARNING, lockdep, KASAN or hung-task report in it is a FAIL, unless PATTERN matches the report.
#
# Adds the rule to DIR/verdict.txt and DIR/verdict.json, which hold the verdict of bitmap-trace (STATUS), prints
# what it adds, and ends with the status of both together. Without a verdict.json (--no-trace) only a FAIL is reported.
use strict;
use warnings;
use JSON::PP;

my $LINES_MAX   = 40; # of a report
my $REPORTS_MAX = 10; # in full

# The first line of each report, in the kernel's spelling. At the start of the line: md itself writes
# "md0: WARNING: vda1 appears to be on the same physical disk as vda2", and that is no report.
my $REPORT = qr/^(?:BUG:|BUG\s\S+\s\(|WARNING:|UBSAN:|ODEBUG:|kmemleak:\s\d+\snew|watchdog:\s|(?:rcu:\s)?INFO:\srcu
	|INFO:\s(?:task|possible|suspicious|inconsistent|trying\sto\sregister)|kernel\sBUG\sat|Oops:|general\sprotection\sfault
	|Unable\sto\shandle)/x;
my $STAMP = qr/^(?:\[[^\]]*\])+\s*/;

# The reports: each a list of lines, up to the end of its trace or the next report
sub reports {
	my (@lines) = @_;
	my (@reports, $open);
	for my $line (@lines) {
		my $words = $line =~ s/$STAMP//r;
		if ($words =~ $REPORT) {
			push @reports, [];
			$open = 1;
		} elsif ($words =~ /^---\[ end trace/) {
			$open = 0;
		}
		push @{ $reports[-1] }, $line if $open && @{ $reports[-1] } < $LINES_MAX;
	}
	return @reports;
}

sub headline { return $_[0][0] =~ s/$STAMP//r; }

# The rule, as bitmap-trace has its own in verdict.json
sub judge {
	my ($lines, $allow) = @_;
	my @all = reports(@$lines);
	my @found = grep { my $text = join "\n", @$_; !grep { $text =~ $_ } @$allow } @all;
	my $allowed = @all - @found;
	my %rule = (
		name => 'kernel-clean', held => scalar @$lines, broken => scalar @found, unjudged => 0, counterexample => undef,
		allowed => $allowed, reports => [map { join "\n", @$_ } @found[0 .. ($#found < $REPORTS_MAX ? $#found : $REPORTS_MAX - 1)]],
	);
	if (@found) {
		@rule{qw(verdict reason)} = ('FAIL', sprintf 'broken %d times: %s', scalar @found, headline($found[0]));
	} elsif (!@$lines) {
		@rule{qw(verdict reason)} = ('UNKNOWN', "the guest left no log of its kernel");
	} else {
		@rule{qw(verdict reason)} = ('PASS', sprintf "checked %d lines of the kernel's log%s", scalar @$lines,
			$allowed ? ", $allowed reports allowed" : '');
	}
	return (\%rule, @found);
}

# together VERDICT REASON RULE: the verdict and its reason when RULE is one more
sub together {
	my ($verdict, $reason, $rule) = @_;
	my %rank = (PASS => 0, UNKNOWN => 1, FAIL => 2);
	return ($verdict, $reason) if $rule->{verdict} eq 'PASS' || $rank{$verdict} > $rank{ $rule->{verdict} };
	return ($verdict, join ', ', grep { length } $reason, $rule->{name}) if $verdict eq $rule->{verdict};
	return ($rule->{verdict}, $rule->{name});
}

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or return;
	local $/;
	return scalar <$in>;
}

sub spew {
	my ($file, $text) = @_;
	open my $out, '>', "$file.new" or die "$file.new: $!\n";
	print $out $text;
	close $out or die "$file.new: $!\n";
	rename "$file.new", $file or die "$file: $!\n";
	return;
}

sub add_to_json {
	my ($file, $rule) = @_;
	my $report = decode_json(slurp($file) // die "$file: $!\n");
	@$report{qw(verdict reason)} = together($report->{verdict}, $report->{reason} // '', $rule);
	push @{ $report->{failed} }, $rule->{name} if $rule->{verdict} eq 'FAIL';
	push @{ $report->{invariants} }, $rule;
	spew($file, JSON::PP->new->utf8->canonical->pretty->indent_length(2)->encode($report));
	return;
}

# The lines that go before the verdict
sub text {
	my ($rule, @found) = @_;
	my $text = sprintf "%-7s %-28s %s\n", @$rule{qw(verdict name reason)};
	my %count;
	$count{$_}++ for map { headline($_) } @found;
	my @lines = map { sprintf "    %s%s\n", $_, $count{$_} > 1 ? " ($count{$_} times)" : '' } sort keys %count;
	$text .= join '', "kernel-clean: the guest's kernel reported, in full in dmesg.log:\n", @lines if @lines;
	return $text;
}

# The verdict stays the last line.
sub add_to_text {
	my ($file, $rule, @found) = @_;
	my $before = slurp($file) // '';
	my $added = text($rule, @found);
	if ($before =~ s/^verdict: (\w+)(?: \((.*)\))?\n\z//m) {
		my ($verdict, $reason) = together($1, $2 // '', $rule);
		$added .= "verdict: $verdict" . (length $reason ? " ($reason)" : '') . "\n";
	}
	spew($file, $before . $added);
	print $added;
	return;
}

my ($status, $dir, @options) = @ARGV;
my @allow = map { /^--allow=(.*)/s ? qr/$1/ : die "kernel_clean.pl: '$_'\n" } @options;
chomp(my @lines = <STDIN>);
my ($rule, @found) = judge(\@lines, \@allow);
my $traced = -s "$dir/verdict.json";
add_to_json("$dir/verdict.json", $rule) if $traced;
add_to_text("$dir/verdict.txt", $rule, @found) if $traced || $rule->{verdict} ne 'PASS';
exit 1 if $rule->{verdict} eq 'FAIL';
exit 3 if $rule->{verdict} eq 'UNKNOWN' && $status != 1;
exit $status;
