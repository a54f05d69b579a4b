package v4l2

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// Watch calls changed, which must not block, whenever a video node appears in
// /dev or gets other permissions, until ctx is done. udev makes a node first
// and lets the group video at it a moment later, so a camera that is plugged in
// is worth a try at either.
func Watch(ctx context.Context, changed func()) error { return watch(ctx, "/dev", changed) }

func watch(ctx context.Context, dev string, changed func()) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", dev, err)
	}
	defer watcher.Close() //nolint:errcheck // nothing depends on it any more
	if err := watcher.Add(dev); err != nil {
		return fmt.Errorf("watch %s: %w", dev, err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err, ok := <-watcher.Errors:
			if !ok {
				return nil
			}
			// Events were lost, perhaps the one that counts.
			if err != nil {
				changed()
			}
		case event, ok := <-watcher.Events:
			if !ok {
				return nil
			}
			isVideo := strings.HasPrefix(filepath.Base(event.Name), "video")
			if isVideo && (event.Has(fsnotify.Create) || event.Has(fsnotify.Chmod)) {
				changed()
			}
		}
	}
}
