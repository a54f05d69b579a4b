package v4l2

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// Watch calls changed, which must not block, whenever a video node appears in
// /dev, gets other permissions, or gets a name in /dev/v4l, until ctx is done.
// udev makes a node first, lets the group video at it a moment later and names
// it last, so a camera that is plugged in is worth a try at each.
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
	names := filepath.Join(dev, "v4l")
	watchNames(watcher, names)
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
				watchNames(watcher, names)
				changed()
			}
		case event, ok := <-watcher.Events:
			if !ok {
				return nil
			}
			isNode := filepath.Dir(event.Name) == filepath.Clean(dev) && strings.HasPrefix(filepath.Base(event.Name), "video")
			isName := event.Name == names || strings.HasPrefix(event.Name, names+string(filepath.Separator))
			if isName && event.Has(fsnotify.Create) {
				// It may be one of the folders, with names in it already.
				watchNames(watcher, names)
			}
			if isNode && event.Has(fsnotify.Chmod) || (isNode || isName) && event.Has(fsnotify.Create) {
				changed()
			}
		}
	}
}

// watchNames watches those of udev's folders that are there: it makes them with
// the first camera and removes them with the last. Watching one twice is
// watching it once.
func watchNames(watcher *fsnotify.Watcher, names string) {
	for _, folder := range []string{names, filepath.Join(names, "by-id"), filepath.Join(names, "by-path")} {
		// Fails where it is not there; its folder tells when it is.
		_ = watcher.Add(folder)
	}
}
