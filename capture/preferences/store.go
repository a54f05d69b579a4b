package preferences

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Store is a folder with a file for each camera. Any goroutine may use it, and
// other processes may use the same folder.
type Store struct {
	folder string // "" for none
	log    *slog.Logger
	// patience is how long another process may hold the lock, which it needs
	// for a moment.
	patience time.Duration

	mu sync.Mutex
	// unwritten are cameras whose last Update could not be written.
	unwritten map[string]map[string]int64
}

// New returns the Store in a state directory, which need not exist yet; "" is
// for none: what is set holds for the run then. log gets what is moved aside.
func New(state string, log *slog.Logger) *Store {
	s := &Store{log: log, patience: 3 * time.Second, unwritten: map[string]map[string]int64{}}
	if state != "" {
		s.folder = filepath.Join(state, "controls")
	}
	return s
}

// errNoFolder is why nothing can be written without a state directory.
var errNoFolder = errors.New("no state directory is known: name one with --state-dir")

// Load returns the values that are kept for a camera, by its stable name, and
// by the key of the control; none when nothing was. It changes nothing.
func (s *Store) Load(camera string) (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(camera)
}

func (s *Store) load(camera string) (map[string]int64, error) {
	if values, ok := s.unwritten[camera]; ok {
		return maps.Clone(values), nil
	}
	if s.folder == "" {
		return map[string]int64{}, nil
	}
	values, err := read(s.path(camera), camera)
	if err != nil {
		return nil, fmt.Errorf("read kept controls of %s: %w", camera, err)
	}
	return values, nil
}

// Update hands what is kept for a camera to edit, which may happen twice, and
// writes what that makes of it. No other Update, of any process, comes between. When it cannot be
// written, it holds for the run, and the error says why. ctx bounds the wait
// for another process.
func (s *Store) Update(ctx context.Context, camera string, edit func(map[string]int64)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.update(ctx, camera, edit)
	if err == nil {
		delete(s.unwritten, camera)
		return nil
	}
	values, loadErr := s.load(camera)
	if loadErr != nil {
		values = map[string]int64{}
	}
	edit(values)
	s.unwritten[camera] = values
	return fmt.Errorf("keep controls of %s: %w", camera, err)
}

func (s *Store) update(ctx context.Context, camera string, edit func(map[string]int64)) error {
	if s.folder == "" {
		return errNoFolder
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	unlock, err := lock(ctx, filepath.Join(s.folder, ".lock"), s.patience)
	if err != nil {
		return err
	}
	defer unlock()
	values, err := s.load(camera)
	path := s.path(camera)
	if errors.Is(err, ErrUnreadable) {
		aside, moveErr := moveAside(path)
		if moveErr != nil {
			return moveErr
		}
		s.log.Warn("kept controls cannot be read and were moved aside", "err", err, "to", aside)
		values, err = map[string]int64{}, nil
	}
	if err != nil {
		return err
	}
	before := maps.Clone(values)
	edit(values)
	if len(values) > maxControls {
		return fmt.Errorf("%d controls are more than a camera can have", len(values))
	}
	if _, pending := s.unwritten[camera]; !pending && maps.Equal(before, values) {
		return nil
	}
	return write(path, document{Version: version, Camera: camera, Controls: values})
}

func (s *Store) path(camera string) string { return filepath.Join(s.folder, fileName(camera)) }
