// Package preferences keeps what people set of their cameras, by camera, over the
// program's end and the camera's absence.
//
//	STATE/controls/usb-046d_HD_Pro_Webcam_C920-video-index0.json
//
//	{
//	  "version": 1,
//	  "camera": "usb-046d_HD_Pro_Webcam_C920-video-index0",
//	  "controls": {
//	    "auto_exposure": 1,
//	    "exposure_time_absolute": 250
//	  }
//	}
//
// Invariants:
//
//   - A file is replaced as a whole, and is on the disk when Update returns: a
//     power failure leaves the old one or the new one.
//   - Several processes may change the same file; none loses what another wrote.
//     A lock, held for a moment, is in a file beside.
//   - A file that is not understood is never written over: it is moved aside by
//     the first Update, and until then left alone.
//   - What cannot be written holds for the run.
package preferences
