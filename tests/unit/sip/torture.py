"""Messages in the manner of RFC 4475, as they stand on the wire; addresses are this test bed's."""

from __future__ import annotations


def wire(text: str, body: str = "") -> bytes:
    """Lines as written, CRLF between them, and the empty line after."""
    return "\r\n".join(text.strip("\n").split("\n")).encode() + b"\r\n\r\n" + body.encode()


SDP = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 0\r\n"
)

VALID = {
    # § 3.1.1.1: folding, white space around colons, compact forms, odd case, escapes
    "a short tortuous invite": wire(
        rf"""
INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : {len(SDP)}
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33
""",
        SDP,
    ),
    # § 3.1.1.2: a method of strange characters, valid as a token
    "a wide range of characters": wire(
        """
!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-.!%66*_+`'~
To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="work";tag=_token~1'+`*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~
Max-Forwards: 255
Content-Length: 0
"""  # noqa: E501
    ),
    # § 3.1.1.6: a display name without the space before "<"
    "no white space between display name and bracket": wire(
        """
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: caller<sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
l: 0
"""
    ),
    # § 3.1.1.13: an empty reason phrase
    "empty reason phrase": wire(
        """
SIP/2.0 100
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
"""
    ).replace(b"SIP/2.0 100\r\n", b"SIP/2.0 100 \r\n"),
    # § 3.1.1.12
    "non-ASCII reason phrase": wire(
        """
SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: 0
Contact: <sip:user@host198.example.com>
"""
    ),
    # § 3.1.1.7: long values
    "long values": wire(
        f"""
INVITE sip:user@example.com SIP/2.0
To: "I have a user name of {"extremely" * 20} long proportion" <sip:user@example.com:6000;unknownparam1={"very" * 40}value>
F: sip:amazinglylongcallername{"x" * 500}@example.net;tag=12982{"982" * 60}424
Call-ID: longreq.one{"really" * 50}longcallid
CSeq: 3882340 INVITE
Unknown{"Long" * 50}Name: unknown{"long" * 100}value
Via: SIP/2.0/TCP sip33.example.com
v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{"1" * 250}
Max-Forwards: 70
Contact: <sip:{"amazingly" * 50}longcallername@host5.example.net>
l: 0
"""  # noqa: E501
    ),
}

INVALID = {
    # name: (message, status it is answered; None: dropped)
    "§ 3.1.2.2 Content-Length larger than the message": (
        wire(
            """
INVITE sip:user@example.com SIP/2.0
Max-Forwards: 80
To: sip:j.user@example.com
From: sip:caller@example.net;tag=93942939o2
Contact: <sip:caller@hungry.example.net>
Call-ID: clerr.0ha0isndaksdjweiafasdk3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
Content-Type: application/sdp
Content-Length: 9999
""",
            SDP,
        ),
        400,
    ),
    "§ 3.1.2.3 negative Content-Length": (
        wire(
            """
INVITE sip:user@example.com SIP/2.0
Max-Forwards: 254
To: sip:j.user@example.com
From: sip:caller@example.net;tag=32394234
Call-ID: ncl.0ha0isndaksdj2193423r542w35
CSeq: 0 INVITE
Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw
Contact: <sip:caller@example53.example.net>
Content-Type: application/sdp
Content-Length: -999
""",
            SDP,
        ),
        400,
    ),
    "§ 3.1.2.4 CSeq out of range": (
        wire(
            """
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Contact: <sip:user@host129.example.com>
Content-Length: 0
"""
        ),
        None,
    ),
    "§ 3.1.2.9 white space in the Request-URI": (
        wire(
            """
INVITE sip:user@example.com; lr SIP/2.0
To: sip:user@example.com;tag=3xfe-9921883-z9f
From: sip:caller@example.net;tag=231413434
Max-Forwards: 5
Call-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423
CSeq: 2130706432 INVITE
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395
Contact: <sip:caller@host1.example.net>
Content-Length: 0
"""
        ),
        400,
    ),
    "§ 3.1.2.10 several spaces in the start line": (
        wire(
            """
INVITE  sip:user@example.com  SIP/2.0
Max-Forwards: 8
To: sip:user@example.com
From: sip:caller@example.net;tag=8814
Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com
CSeq: 1893884 INVITE
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923
Contact: <sip:caller@host1.example.net>
Content-Length: 0
"""
        ),
        400,
    ),
    "§ 3.1.2.16 unknown protocol version": (
        wire(
            """
OPTIONS sip:t.watson@example.org SIP/7.0
Via:     SIP/2.0/UDP c.example.com;branch=z9hG4bKkdjuw
Max-Forwards:     70
From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
To:      T. Watson <sip:t.watson@example.org>
Call-ID: badvers.31417@c.example.com
CSeq:    1 OPTIONS
Content-Length: 0
"""
        ),
        505,
    ),
    "§ 3.1.2.17 start line and CSeq disagree": (
        wire(
            """
OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
Content-Length: 0
"""
        ),
        400,
    ),
    "§ 3.1.2.19 response code with too many digits": (
        wire(
            """
SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
"""
        ),
        None,
    ),
    "§ 3.3.1 missing required headers": (
        wire(
            """
INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: 0
"""
        ),
        None,
    ),
    "§ 3.3.2 Request-URI of an unknown scheme": (
        wire(
            """
INVITE nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=384
Max-Forwards: 3
Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34
CSeq: 3923423 INVITE
Via: SIP/2.0/UDP host9.example.com;branch=z9hG4bKkdjuw39234
Content-Length: 0
"""
        ),
        416,
    ),
    "§ 3.3.5 Content-Type unknown": (
        wire(
            """
INVITE sip:user@example.com SIP/2.0
Contact: <sip:caller@host5.example.net>
To: sip:j.user@example.com
From: sip:caller@example.net;tag=8392034
Max-Forwards: 70
Call-ID: invut.0ha0isndaksdjadsfij34n23d
CSeq: 235448 INVITE
Via: SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
Content-Type: application/unknownformat
Content-Length: 3
""",
            "abc",
        ),
        415,
    ),
}
