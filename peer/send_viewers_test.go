package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pion/webrtc/v4"

	"github.com/pushcam/pushcam/peer/viewer"
)

// sendKind as fanoutVariable starts the viewers' process.
const sendKind = "viewers"

// watchMany is the viewers' process. It ends with its input.
func watchMany(_ string, in io.Reader, out io.Writer) error {
	network, err := viewer.NewNetwork(viewer.NetworkConfig{Loopback: true, Types: []webrtc.NetworkType{webrtc.NetworkTypeUDP4}})
	if err != nil {
		return err
	}
	offers, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var offer string
		if err := offers.Decode(&offer); err != nil {
			return nil //nolint:nilerr // the benchmark is over
		}
		v, err := viewer.New(viewer.Config{Network: network})
		if err != nil {
			return err
		}
		go func() { // ends with the process
			if err := v.Run(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
		answer, err := v.Answer(context.Background(), offer)
		if err != nil {
			return err
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}
