package mux

import (
	"testing"
	"time"
)

// TestSurvey: the system is asked once a second at most.
func TestSurvey(t *testing.T) {
	var s survey
	now := time.Now()
	first := s.take(now)
	if first == nil {
		t.Fatal("the system tells nothing")
	}
	if all, err := first.Interfaces(); err != nil || len(all) == 0 {
		t.Errorf("interfaces %v, %v", all, err)
	}
	if s.take(now.Add(surveyFor-1)) != first {
		t.Error("asked again within a second")
	}
	if s.take(now.Add(surveyFor)) == first {
		t.Error("not asked again after a second")
	}
}
