# Verify signed messages with Mail::DKIM, which fetches the keys from one name server.
#
#   perl verify.pl ADDRESS PORT MESSAGE...
#
# Prints a line a message: its path and the result (pass, fail, invalid, died, ...).
use strict;
use warnings;

use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS;

my ($address, $port, @paths) = @ARGV;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => [$address], port => $port));
for my $path (@paths) {
    my $verifier = Mail::DKIM::Verifier->new(Strict => 1);
    open my $message, '<:raw', $path or die "$path: $!";
    while (my $line = <$message>) {
        $line =~ s/\r?\n\z/\r\n/;
        $verifier->PRINT($line);
    }
    close $message;
    my $result = eval { $verifier->CLOSE; $verifier->result } || 'died';
    print "$path\t$result\n";
}
