package packetizer

import "github.com/pushcam/pushcam/capture"

// MaxPayload is the most bytes that one RTP packet carries after its header.
// With RTP header and extensions (up to 40), RTX (2), SRTP tag (16), UDP (8)
// and IPv6 (40) a packet stays below 1280 bytes, the least that every IPv6 link carries
// (RFC 8200 section 5); tunnels and PPPoE have room.
const MaxPayload = 1150

// Cut is the function for AccessUnit.Fragments: it cuts the picture for its
// codec. A codec that has no payload format here gives no Fragments.
func Cut(au *capture.AccessUnit) []capture.Fragment {
	switch au.Codec {
	case capture.H264:
		return cutH264(au.Payload)
	case capture.VP8:
		return cutVP8(au.Payload)
	case capture.NoCodec:
	}
	return nil
}

// pieces is how many parts of at most most bytes n bytes need, and the size of
// each but the last. Equal parts make equal packets, which suits pacing,
// segmentation offload and error correction better than one small last one.
func pieces(n, most int) (count, size int) {
	count = (n + most - 1) / most
	return count, (n + count - 1) / count
}
