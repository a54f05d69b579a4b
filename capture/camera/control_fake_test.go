package camera

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pushcam/pushcam/capture"
)

// panel is the controls of a fake camera: those of a webcam whose manual
// exposure waits for its automatic to be off. It lives through a replug, which
// sets all to the defaults, as a power cut does.
type panel struct {
	mu      sync.Mutex
	values  map[string]int64
	gone    bool
	opened  int
	closed  int
	applied []map[string]int64
	onApply func()
}

func newPanel() *panel {
	p := &panel{}
	p.replug()
	return p
}

func (p *panel) replug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.values = map[string]int64{"brightness": 50, "auto_exposure": 1, "exposure": 100, "link": 3, "restart": 0}
}

func (p *panel) value(key string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.values[key]
}

func (p *panel) applications() []map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.applied)
}

// open is for System.Controls.
func (p *panel) open(Device) (Controls, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return nil, errGone
	}
	p.opened++
	return p, nil
}

var errGone = errors.New("the camera is gone")

// Close implements Controls.
func (p *panel) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

// Controls implements Controls.
func (p *panel) Controls() ([]capture.Control, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list(), nil
}

func (p *panel) list() []capture.Control {
	return []capture.Control{
		{Key: "brightness", Name: "Brightness", Type: capture.ControlInteger, Max: 100, Step: 1, Default: 50, Value: p.values["brightness"]},
		{Key: "auto_exposure", Type: capture.ControlBoolean, Max: 1, Default: 1, Value: p.values["auto_exposure"], Leading: true},
		{Key: "exposure", Type: capture.ControlInteger, Max: 1000, Default: 100, Value: p.values["exposure"], Inactive: p.values["auto_exposure"] == 1},
		{Key: "link", Type: capture.ControlInteger, Max: 9, ReadOnly: true, Value: p.values["link"]},
		{Key: "restart", Type: capture.ControlButton},
	}
}

// Apply implements Controls.
func (p *panel) Apply(values map[string]int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.applied = append(p.applied, maps.Clone(values))
	if p.onApply != nil {
		p.onApply()
	}
	failed := map[string]error{}
	for _, key := range []string{"auto_exposure", "exposure", "brightness", "restart"} {
		value, ok := values[key]
		if !ok {
			continue
		}
		controls := p.list()
		i, _ := capture.FindControl(controls, key)
		if err := controls[i].Check(value); err != nil {
			failed[key] = fmt.Errorf("set %s: %w", key, err)
			continue
		}
		p.values[key] = value
	}
	for key := range values {
		if _, err := capture.FindControl(p.list(), key); err != nil {
			failed[key] = err
		}
	}
	if len(failed) > 0 {
		return &capture.NotSetError{Failed: failed}
	}
	return nil
}

// Reset implements Controls.
func (p *panel) Reset() error {
	p.replug()
	return nil
}

// memory is Preferences that forget nothing, unless they are told to fail.
type memory struct {
	mu   sync.Mutex
	kept map[string]map[string]int64
	err  error
}

// Load implements Preferences.
func (m *memory) Load(camera string) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.kept[camera]), m.err
}

// Update implements Preferences.
func (m *memory) Update(_ context.Context, camera string, edit func(map[string]int64)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	if m.kept == nil {
		m.kept = map[string]map[string]int64{}
	}
	if m.kept[camera] == nil {
		m.kept[camera] = map[string]int64{}
	}
	edit(m.kept[camera])
	return nil
}

func (m *memory) of(camera string) map[string]int64 {
	values, _ := m.Load(camera)
	return values
}

func containsText(err error, text string) bool {
	return err != nil && strings.Contains(err.Error(), text)
}
