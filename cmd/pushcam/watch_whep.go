package main

import (
	"context"
	"errors"
	"time"

	"github.com/pushcam/pushcam/peer/viewer"
	"github.com/pushcam/pushcam/signal/whep"
)

// goodbye is how long a watcher waits for the server to take its leave.
const goodbye = 2 * time.Second

// play does the player's part of WHEP.
func (w *watcher) play(ctx context.Context, v *viewer.Viewer) (err error) {
	offer, err := v.Offer(ctx)
	if err != nil {
		return err
	}
	client, answer, err := whep.Dial(ctx, w.url.address, offer, w.players)
	if err != nil {
		return err
	}
	w.heard = true
	defer func() {
		closing, done := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer done()
		err = errors.Join(err, client.Close(closing))
	}()
	if err := v.SetAnswer(answer); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
