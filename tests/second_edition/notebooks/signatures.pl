# Verifies every signature of a message with Mail::DKIM, which fetches each key over DNS from one name server.
#
#   perl signatures.pl ADDRESS PORT MESSAGE
#
# A line a signature, from the top: domain, selector, result.
use strict;
use warnings;

use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my ($address, $port, $path) = @ARGV;
Mail::DKIM::DNS::resolver(
    Net::DNS::Resolver->new(nameservers => [$address], port => $port, retry => 2, udp_timeout => 5, tcp_timeout => 5)
);
my $verifier = Mail::DKIM::Verifier->new;
open my $message, '<:raw', $path or die "$path: $!";
while (my $line = <$message>) {
    $line =~ s/\r?\n\z/\r\n/;
    $verifier->PRINT($line);
}
close $message;
$verifier->CLOSE;
print join("\t", $_->domain, $_->selector, $_->result), "\n" for $verifier->signatures;
