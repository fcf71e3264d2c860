# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Drawing crash points from what the oracle says of a write log (crash.json).

# crash_points JSON SEED UNSAFE SAFE: lines "unsafe N", "differing N" (safe, though members
# differ) and "same N" (they do not), UNSAFE of the first and SAFE of the others together, half
# of each kind where there are as many. All of a kind when there are fewer. Points that were
# not judged are not drawn; a list of stretches that is cut short, or points that could not be
# judged, leave it open which are safe, and none are drawn.
crash_points() {
	perl -MJSON::PP -MDigest::MD5=md5 -0777 -ne '
		sub points { map { $_->{first} .. $_->{last} } @{$_[0]} }
		sub draw {
			my ($count, @from) = @_;
			my @drawn;
			push @drawn, splice @from, int rand @from, 1 while @drawn < $count && @from;
			return @drawn;
		}
		my ($crash, $seed, $unsafe, $safe) = (decode_json($_), splice @ARGV, 0);
		srand unpack "N", md5($seed);
		my %unsafe = map { $_ => 1 } points($crash->{unsafe_stretches});
		my %differ = map { $_ => 1 } points($crash->{differing_stretches});
		my $whole = !$crash->{unjudged} && keys %unsafe == $crash->{unsafe} && keys %differ == $crash->{differing};
		my @safe = grep { $whole && !$unsafe{$_} } $crash->{points} - $crash->{judged} .. $crash->{points} - 1;
		my @differing = draw($safe - int($safe / 2), grep { $differ{$_} } @safe);
		my @same = draw($safe - @differing, grep { !$differ{$_} } @safe);
		print "unsafe $_\n" for draw($unsafe, sort { $a <=> $b } keys %unsafe);
		print "differing $_\n" for @differing;
		print "same $_\n" for @same;' "$1" "$2" "$3" "$4"
}
