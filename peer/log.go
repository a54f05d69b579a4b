package peer

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// logFactory gives the WebRTC library a logger. What it calls a warning is
// mostly one viewer's odd packet, so all of it is for debugging only.
type logFactory struct{ log *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (f logFactory) NewLogger(scope string) logging.LeveledLogger {
	return leveledLog{f.log, scope}
}

// NewLibraryLog gives one part of the WebRTC library (its scope) a logger.
func NewLibraryLog(log *slog.Logger, scope string) logging.LeveledLogger {
	return logFactory{log}.NewLogger(scope)
}

type leveledLog struct {
	log   *slog.Logger
	scope string
}

func (l leveledLog) print(kind, msg string) { l.log.Debug(msg, "scope", l.scope, "kind", kind) }

func (l leveledLog) printf(kind, format string, args ...any) {
	// Formatting is the expensive part; the library logs per packet.
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.print(kind, fmt.Sprintf(format, args...))
	}
}

// Trace is per packet: too much even for debugging.
func (l leveledLog) Trace(string)          {}
func (l leveledLog) Tracef(string, ...any) {}

func (l leveledLog) Debug(msg string)               { l.print("debug", msg) }
func (l leveledLog) Debugf(format string, a ...any) { l.printf("debug", format, a...) }
func (l leveledLog) Info(msg string)                { l.print("info", msg) }
func (l leveledLog) Infof(format string, a ...any)  { l.printf("info", format, a...) }
func (l leveledLog) Warn(msg string)                { l.print("warn", msg) }
func (l leveledLog) Warnf(format string, a ...any)  { l.printf("warn", format, a...) }
func (l leveledLog) Error(msg string)               { l.print("error", msg) }
func (l leveledLog) Errorf(format string, a ...any) { l.printf("error", format, a...) }
