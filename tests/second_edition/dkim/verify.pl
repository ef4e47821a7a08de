# Verifies signed messages with Mail::DKIM, which fetches each key over DNS from one name server.
#
#   perl verify.pl ADDRESS PORT MESSAGE...
#
# A line a message: its path, the result (pass, fail, invalid, temperror, ...), and Mail::DKIM's own words.
use strict;
use warnings;

use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my ($address, $port, @paths) = @ARGV;
Mail::DKIM::DNS::resolver(
    Net::DNS::Resolver->new(nameservers => [$address], port => $port, retry => 2, udp_timeout => 5, tcp_timeout => 5)
);
for my $path (@paths) {
    my $verifier = Mail::DKIM::Verifier->new(Strict => 1);
    open my $message, '<:raw', $path or die "$path: $!";
    while (my $line = <$message>) {
        $line =~ s/\r?\n\z/\r\n/;
        $verifier->PRINT($line);
    }
    close $message;
    # What it dies of is a verdict too: the message does not verify.
    my $result = eval { $verifier->CLOSE; $verifier->result } || 'died';
    my $detail = $result eq 'died' ? $@ : $verifier->result_detail;
    $detail =~ s/\s+/ /g;
    print "$path\t$result\t$detail\n";
}
