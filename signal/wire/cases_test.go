package wire_test

import (
	"strings"
	"time"

	"github.com/pushcam/pushcam/signal"
)

const (
	id        = "1718000000000io0.4242"
	sdp       = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"
	hostLine  = "candidate:1 1 udp 2130706431 192.168.1.7 1990 typ host"
	localLine = "candidate:842163049 1 udp 1677729535 c0ffee00-1234-4abc-8def-001122334455.local 46154 typ host generation 0 ufrag EEtu network-cost 999"
)

func ptr[T any](v T) *T { return &v }

// goldenCases are the messages as we write them: testdata/NAME.json.
var goldenCases = []struct {
	name    string
	message signal.Message
}{
	{"push_init", signal.PushInit{}},
	{"pull_init", signal.PullInit{ID: id}},
	{"pull_start", signal.PullStart{ID: id}},
	{"offer", signal.Offer{ID: id, SDP: sdp}},
	{"answer", signal.Answer{ID: id, SDP: sdp}},
	{"candidate", signal.Trickle{ID: id, Candidate: signal.Candidate{
		Candidate: hostLine, SDPMid: ptr("0"), SDPMLineIndex: ptr(uint16(0)), UsernameFragment: ptr("EEtu"),
	}}},
	{"candidate_null", signal.Trickle{ID: id, Candidate: signal.Candidate{Candidate: hostLine}}},
	{"candidate_last", signal.Trickle{ID: id, Candidate: signal.Candidate{SDPMid: ptr("0")}}},
	{"quality", signal.Quality{ID: id, Rendition: signal.RenditionAuto}},
	{"restart", signal.Restart{ID: id}},
	{"stats_on", signal.Watch{ID: id, On: true}},
	{"stats_off", signal.Watch{ID: id}},
	{"bye", signal.Bye{ID: id}},
	{"error", &signal.Error{ID: id, Code: signal.Full, Message: "100 of 100 viewers are watching"}},
	{"error_connection", &signal.Error{Code: signal.BadMessage, Message: "message: not JSON"}},
	{"state", signal.State{ID: id, Camera: signal.CameraState{State: signal.CameraLost, Detail: "HD Webcam: unplugged"}}},
	{"state_waiting", signal.State{ID: id, Camera: signal.CameraState{State: signal.CameraLive, Detail: "waiting for a keyframe", Waiting: true}}},
	{"state_plain", signal.State{ID: id, Camera: signal.CameraState{State: signal.CameraLive}}},
	{"stats", signal.Report{ID: id, Stats: signal.Stats{
		Codec: "h264", Rendition: "half", Choice: "full",
		Choices: []signal.Choice{{Rendition: "full", Width: 1280, Height: 720}, {Rendition: "half", Width: 640, Height: 360}},
		Width:   640, Height: 360, FramesPerSecond: 29.97, Layer: 1, Bitrate: 700_000, Estimate: 750_000,
		PacketsSent: 123456, PacketsLost: 7, Loss: 0.02, RoundTrip: 1250 * time.Microsecond,
		CaptureToSend: struct{ P50, P95 time.Duration }{4 * time.Millisecond, 7500 * time.Microsecond},
		Time:          time.UnixMicro(1700000000123456).UTC(), Timestamp: 4294967295,
	}}},
	{"stats_early", signal.Report{ID: id}},
}

// liberalCases are texts that others write, and what they mean.
var liberalCases = []struct {
	name, text string
	want       signal.Message
}{
	{"old viewer's candidate", `{"type":"candidate","num":1,"id":"` + id + `","candidate":{"candidate":"` + localLine + `","sdpMid":"0","sdpMLineIndex":0}}`,
		signal.Trickle{ID: id, Candidate: signal.Candidate{Candidate: localLine, SDPMid: ptr("0"), SDPMLineIndex: ptr(uint16(0))}}},
	{"unknown members", `{"type":"pull_init","id":"a","num":1,"more":{"id":"b"},"list":[1,2]}`, signal.PullInit{ID: "a"}},
	{"white space", "\n { \"id\" : \"a\" , \"type\" : \"bye\" } \r\n", signal.Bye{ID: "a"}},
	{"escapes", `{"type":"bye","id":"\u00e4\ud83d\ude00\n"}`, signal.Bye{ID: "ä😀\n"}},
	{"lone surrogate", `{"type":"bye","id":"\ud800"}`, signal.Bye{ID: "\ufffd"}},
	{"upper case is another name", `{"type":"bye","id":"a","ID":"b","TYPE":"offer"}`, signal.Bye{ID: "a"}},
	{"longest id", `{"type":"bye","id":"` + strings.Repeat("i", signal.MaxID) + `"}`, signal.Bye{ID: strings.Repeat("i", signal.MaxID)}},
	{"longest SDP", `{"type":"answer","id":"a","answer":{"type":"answer","sdp":"` + strings.Repeat("s", signal.MaxSDP) + `"}}`,
		signal.Answer{ID: "a", SDP: strings.Repeat("s", signal.MaxSDP)}},
	{"candidate null", `{"type":"candidate","id":"a","candidate":null}`, signal.Trickle{ID: "a"}},
	{"candidate empty", `{"type":"candidate","id":"a","candidate":{"candidate":""}}`, signal.Trickle{ID: "a"}},
	{"candidate without prefix", `{"type":"candidate","id":"a","candidate":{"candidate":"1 1 TCP 1 ::1 9 typ host tcptype active"}}`,
		signal.Trickle{ID: "a", Candidate: signal.Candidate{Candidate: "1 1 TCP 1 ::1 9 typ host tcptype active"}}},
	{"error of a newer server", `{"type":"error","code":"new-code"}`, &signal.Error{Code: "new-code"}},
	{"push_init with an id", `{"type":"push_init","id":"a"}`, signal.PushInit{}},
}

// badCases are texts that are no messages.
var badCases = []struct {
	name, text string
	want       signal.Error // of Message, a part
}{
	{"empty", ``, signal.Error{Code: signal.BadMessage, Message: "not JSON"}},
	{"not JSON", `hello`, signal.Error{Code: signal.BadMessage, Message: "not JSON"}},
	{"not an object", `["type","bye"]`, signal.Error{Code: signal.BadMessage, Message: "want a JSON object"}},
	{"null", `null`, signal.Error{Code: signal.BadMessage, Message: "want a JSON object"}},
	{"two objects", `{"type":"bye","id":"a"}{}`, signal.Error{Code: signal.BadMessage, Message: "not JSON"}},
	{"trailing comma", `{"type":"bye","id":"a",}`, signal.Error{Code: signal.BadMessage, Message: "not JSON"}},
	{"not UTF-8", "{\"type\":\"bye\",\"id\":\"\xff\"}", signal.Error{Code: signal.BadMessage, Message: "UTF-8"}},
	{"too long", strings.Repeat(" ", signal.MaxMessage) + `{}`, signal.Error{Code: signal.TooLong, Message: "65536 bytes"}},
	{"deeper than the parser goes", strings.Repeat("[", 10001) + strings.Repeat("]", 10001), signal.Error{Code: signal.BadMessage}},
	{"member twice", `{"type":"bye","id":"a","id":"b"}`, signal.Error{Code: signal.BadMessage, Message: `"id" comes twice`}},
	{"no type", `{"id":"a"}`, signal.Error{Code: signal.BadMessage, Message: "type: want", ID: "a"}},
	{"type null", `{"id":"a","type":null}`, signal.Error{Code: signal.BadMessage, Message: "type: want", ID: "a"}},
	{"type a number", `{"id":"a","type":1}`, signal.Error{Code: signal.BadMessage, Message: "type: want a string", ID: "a"}},
	{"type upper case", `{"id":"a","type":"BYE"}`, signal.Error{Code: signal.UnknownType, Message: `"BYE"`, ID: "a"}},
	{"type unknown", `{"id":"a","type":"push_start"}`, signal.Error{Code: signal.UnknownType, Message: `"push_start"`, ID: "a"}},
	{"type too long", `{"id":"a","type":"` + strings.Repeat("t", 65) + `"}`, signal.Error{Code: signal.TooLong, ID: "a"}},
	{"no id", `{"type":"pull_init"}`, signal.Error{Code: signal.BadMessage, Message: "id: want"}},
	{"id empty", `{"type":"pull_start","id":""}`, signal.Error{Code: signal.BadMessage, Message: "id: want"}},
	{"id a number", `{"type":"pull_init","id":1}`, signal.Error{Code: signal.BadMessage, Message: "id: want a string"}},
	{"id too long", `{"type":"bye","id":"` + strings.Repeat("i", signal.MaxID+1) + `"}`, signal.Error{Code: signal.TooLong, Message: "id"}},
	{"no answer", `{"type":"answer","id":"a"}`, signal.Error{Code: signal.BadMessage, Message: "answer: want an object", ID: "a"}},
	{"answer a string", `{"type":"answer","id":"a","answer":"v=0"}`, signal.Error{Code: signal.BadMessage, Message: "answer: want a JSON object", ID: "a"}},
	{"answer of another type", `{"type":"answer","id":"a","answer":{"type":"offer","sdp":"v=0"}}`, signal.Error{Code: signal.BadMessage, Message: `"offer"`, ID: "a"}},
	{"answer without SDP", `{"type":"answer","id":"a","answer":{"type":"answer"}}`, signal.Error{Code: signal.BadMessage, Message: "sdp: want", ID: "a"}},
	{"SDP too long", `{"type":"answer","id":"a","answer":{"type":"answer","sdp":"` + strings.Repeat("s", signal.MaxSDP+1) + `"}}`, signal.Error{Code: signal.TooLong, Message: "sdp", ID: "a"}},
	{"no candidate", `{"type":"candidate","id":"a"}`, signal.Error{Code: signal.BadMessage, Message: "candidate: want an object", ID: "a"}},
	{"candidate without candidate", `{"type":"candidate","id":"a","candidate":{"sdpMid":"0"}}`, signal.Error{Code: signal.BadMessage, Message: "candidate: want a string", ID: "a"}},
	{"candidate of words", `{"type":"candidate","id":"a","candidate":{"candidate":"hello"}}`, signal.Error{Code: signal.BadMessage, Message: "typ TYPE", ID: "a"}},
	{"candidate of two lines", `{"type":"candidate","id":"a","candidate":{"candidate":"1 1 udp 1 ::1 9 typ host\r\na=x"}}`, signal.Error{Code: signal.BadMessage, Message: "typ TYPE", ID: "a"}},
	{"candidate's port", `{"type":"candidate","id":"a","candidate":{"candidate":"1 1 udp 1 ::1 65536 typ host"}}`, signal.Error{Code: signal.BadMessage, Message: "typ TYPE", ID: "a"}},
	{"candidate's component", `{"type":"candidate","id":"a","candidate":{"candidate":"1 0 udp 1 ::1 9 typ host"}}`, signal.Error{Code: signal.BadMessage, Message: "typ TYPE", ID: "a"}},
	{"candidate's priority", `{"type":"candidate","id":"a","candidate":{"candidate":"1 1 udp 4294967296 ::1 9 typ host"}}`, signal.Error{Code: signal.BadMessage, Message: "typ TYPE", ID: "a"}},
	{"candidate too long", `{"type":"candidate","id":"a","candidate":{"candidate":"` + hostLine + strings.Repeat(" x", 512) + `"}}`, signal.Error{Code: signal.TooLong, Message: "1024 bytes", ID: "a"}},
	{"line index", `{"type":"candidate","id":"a","candidate":{"candidate":"` + hostLine + `","sdpMLineIndex":65536}}`, signal.Error{Code: signal.BadMessage, Message: "sdpMLineIndex", ID: "a"}},
	{"line index negative", `{"type":"candidate","id":"a","candidate":{"candidate":"` + hostLine + `","sdpMLineIndex":-1}}`, signal.Error{Code: signal.BadMessage, Message: "sdpMLineIndex", ID: "a"}},
	{"mid a number", `{"type":"candidate","id":"a","candidate":{"candidate":"` + hostLine + `","sdpMid":0}}`, signal.Error{Code: signal.BadMessage, Message: "sdpMid", ID: "a"}},
	{"no rendition", `{"type":"quality","id":"a"}`, signal.Error{Code: signal.BadMessage, Message: "rendition", ID: "a"}},
	{"watch with a word", `{"type":"stats","id":"a","on":"yes"}`, signal.Error{Code: signal.BadMessage, Message: "on: want true", ID: "a"}},
	{"watch without an id", `{"type":"stats","on":true}`, signal.Error{Code: signal.BadMessage, Message: "id: want"}},
	{"restart without an id", `{"type":"restart"}`, signal.Error{Code: signal.BadMessage, Message: "id: want"}},
	{"choices no list", `{"type":"stats","id":"a","choices":{}}`, signal.Error{Code: signal.BadMessage, Message: "choices: want an array", ID: "a"}},
	{"too many choices", `{"type":"stats","id":"a","choices":[` + strings.Repeat(`{},`, signal.MaxChoices) + `{}]}`, signal.Error{Code: signal.TooLong, Message: "choices", ID: "a"}},
	{"choice of nothing", `{"type":"stats","id":"a","choices":[null]}`, signal.Error{Code: signal.BadMessage, Message: "choices: want", ID: "a"}},
	{"choice without a name", `{"type":"stats","id":"a","choices":[{"width":1}]}`, signal.Error{Code: signal.BadMessage, Message: "rendition: want", ID: "a"}},
	{"loss of more than all", `{"type":"stats","id":"a","loss":1.5}`, signal.Error{Code: signal.BadMessage, Message: "loss", ID: "a"}},
	{"no code", `{"type":"error","message":"m"}`, signal.Error{Code: signal.BadMessage, Message: "code"}},
	{"camera state", `{"type":"state","id":"a","camera":"asleep"}`, signal.Error{Code: signal.BadMessage, Message: `"asleep"`, ID: "a"}},
	{"waiting a word", `{"type":"state","id":"a","camera":"live","waiting":1}`, signal.Error{Code: signal.BadMessage, Message: "waiting", ID: "a"}},
	{"time of the past", `{"type":"stats","id":"a","timeMs":-1}`, signal.Error{Code: signal.BadMessage, Message: "timeMs", ID: "a"}},
	{"stats negative", `{"type":"stats","id":"a","packetsSent":-1}`, signal.Error{Code: signal.BadMessage, Message: "packetsSent", ID: "a"}},
	{"stats huge", `{"type":"stats","id":"a","framesPerSecond":1e300}`, signal.Error{Code: signal.BadMessage, Message: "framesPerSecond", ID: "a"}},
}
