#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# report_tee.pl COPY VERDICT <REPORT: copies a report to stdout and COPY as it comes, except for its last line if that
# is the verdict: it goes to VERDICT, because the harness has a rule to add first.
use strict;
use warnings;
use IO::Handle;

$SIG{PIPE} = 'IGNORE'; # the copy goes on when nobody reads stdout any more

my ($copy_file, $verdict_file) = @ARGV;
open my $copy, '>', $copy_file or die "$copy_file: $!\n";
$_->autoflush for *STDOUT, $copy;
my $held = '';
while (my $line = <STDIN>) {
	my $out = $held;
	if ($line =~ /^verdict: /) { $held = $line } else { ($out, $held) = ($held . $line, '') }
	print $out;
	print $copy $out;
}
open my $verdict, '>', $verdict_file or die "$verdict_file: $!\n";
print $verdict $held;
