#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# print.pl FORMAT FILE: what judge.pl wrote to FILE, as text, json, ktap or junit.
use strict;
use warnings;
use JSON::PP;

my $LINES_MAX = 60; # of what a run said, in JUnit's XML

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar <$in> // '';
}

sub base_of { my ($row) = @_; return $row->{base} ? $row->{base}{result} : '-'; }

sub seconds_of { my ($row) = @_; return ($row->{seconds} // 0) + ($row->{base} ? $row->{base}{seconds} // 0 : 0); }

sub summary {
	my ($report) = @_;
	return sprintf '%d rows: %d not worse, %d worse, %d could not be judged, %d skipped', scalar @{ $report->{rows} },
		map { $report->{"count_$_"} } qw(same worse unjudged skipped);
}

sub print_text {
	my ($report) = @_;
	my %word = (same => '', worse => 'WORSE', unjudged => '?', skipped => 'skipped');
	my ($width) = sort { $b <=> $a } map { length $_->{name} } @{ $report->{rows} };
	printf "suite %s, kernel %s, compared with %s\n\n", $report->{suite}, $report->{kernel},
		$report->{compare} eq 'none' ? 'nothing' : $report->{compare} eq 'self' ? 'nothing, for it is the one to compare with'
		: $report->{baseline} // "the suite's";
	printf "%-*s  %-11s  %-11s  %s\n", $width, 'row', 'before', 'now', '';
	for my $row (@{ $report->{rows} }) {
		my $words = join ' ', grep { length } $word{ $row->{change} }, $row->{why};
		printf "%-*s  %-11s  %-11s  %s\n", $width, $row->{name}, base_of($row), $row->{result}, $words;
	}
	print "\n", summary($report), "\n";
	print "worse: $_->{name}: $_->{why}\n" for grep { $_->{change} eq 'worse' } @{ $report->{rows} };
	print "could not be judged: $_->{name}: $_->{why}\n" for grep { $_->{change} eq 'unjudged' } @{ $report->{rows} };
	return;
}

sub print_json {
	my ($report) = @_;
	print JSON::PP->new->utf8->canonical->pretty->indent_length(1)->encode($report);
	return;
}

# What is not known is not ok, as in the KTAP of check.
sub print_ktap {
	my ($report) = @_;
	my ($n, @rows) = (0, @{ $report->{rows} });
	printf "KTAP version 1\n1..%d\n", scalar @rows;
	for my $row (@rows) {
		(my $why = "$row->{result}" . (length $row->{why} ? ": $row->{why}" : '')) =~ s/[#\n]/ /g;
		my $name = ++$n . " $row->{name}";
		if ($row->{change} eq 'skipped') {
			print "ok $name # SKIP $row->{why}\n";
		} elsif ($row->{change} eq 'unjudged') {
			print "# $why\nnot ok $name # UNKNOWN: $why\n";
		} else {
			print "# $why\n", $row->{change} eq 'worse' ? 'not ' : '', "ok $name\n";
		}
	}
	print '# ', summary($report), "\n";
	return;
}

# Text for XML 1.0: what it has no way to say is a question mark.
sub xml {
	my ($text) = @_;
	utf8::decode($text);
	$text =~ s/[^\t\n\x20-\x{D7FF}\x{E000}-\x{FFFD}]/?/g;
	my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
	$text =~ s/([&<>"])/$entity{$1}/g;
	utf8::encode($text);
	return $text;
}

# The end of what a run said
sub said {
	my ($dir, $row) = @_;
	return '' if !$row->{dir};
	my @lines = map { split /\n/, slurp("$dir/$row->{dir}/$_") } qw(out err);
	return join "\n", @lines > $LINES_MAX ? @lines[-$LINES_MAX .. -1] : @lines;
}

sub junit_case {
	my ($dir, $row) = @_;
	my %element = (worse => 'failure', unjudged => 'error', skipped => 'skipped');
	my $element = $element{ $row->{change} };
	my $class = join '.', map { tr/./_/r } grep { $_ ne '-' } @$row{qw(kernel series level bitmap fs)};
	printf qq(  <testcase classname="%s" name="%s" time="%d">\n), xml($class), xml($row->{name}), seconds_of($row);
	if (defined $element) {
		printf qq(   <%s message="%s"%s>%s</%s>\n), $element, xml("$row->{result}: $row->{why}"),
			$element eq 'skipped' ? '' : ' type="' . xml($row->{result}) . '"', $element eq 'skipped' ? '' : xml($row->{why}), $element;
	}
	printf "   <system-out>%s</system-out>\n", xml(said($dir, $row)) if defined $element;
	print "  </testcase>\n";
	return;
}

sub print_junit {
	my ($report, $dir) = @_;
	my ($time, @rows) = (0, @{ $report->{rows} });
	$time += seconds_of($_) for @rows;
	my $counts = sprintf 'tests="%d" failures="%d" errors="%d"', scalar @rows, @$report{qw(count_worse count_unjudged)};
	print qq(<?xml version="1.0" encoding="UTF-8"?>\n<testsuites $counts time="$time">\n);
	printf qq( <testsuite name="%s" %s skipped="%d" time="%d">\n), xml("bitmap-trace $report->{suite}"), $counts,
		$report->{count_skipped}, $time;
	junit_case($dir, $_) for @rows;
	print " </testsuite>\n</testsuites>\n";
	return;
}

my ($format, $file) = @ARGV;
my %print = (text => \&print_text, json => \&print_json, ktap => \&print_ktap, junit => \&print_junit);
my $report = decode_json(slurp($file));
$print{$format}->($report, $file =~ s{[^/]*\z}{.}r);
close STDOUT or die "stdout: $!\n";
