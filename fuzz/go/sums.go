package main

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The operations on the texts of a checksum database.
var sums = map[string]func(*Input) Answer{
	"note_open": noteOpen,
	"note_verifier": func(in *Input) Answer {
		v, err := note.NewVerifier(string(in.Key))
		if err != nil {
			return check(err)
		}
		return value(object{"name": Bytes(v.Name()), "hash": fmt.Sprintf("%08x", v.KeyHash())})
	},
	"tlog_parse_hash": func(in *Input) Answer {
		hash, err := tlog.ParseHash(string(in.S))
		return text(hash.String(), err)
	},
	"tlog_parse_tree": func(in *Input) Answer {
		tree, err := tlog.ParseTree([]byte(in.Text))
		return result(object{"n": tree.N, "hash": tree.Hash.String()}, err)
	},
	"tlog_parse_record": func(in *Input) Answer {
		id, text, rest, err := tlog.ParseRecord([]byte(in.Msg))
		return result(object{"id": id, "text": Bytes(text), "rest": Bytes(rest)}, err)
	},
	"tlog_parse_tile_path": func(in *Input) Answer {
		tile, err := tlog.ParseTilePath(string(in.Path))
		return result(object{"h": tile.H, "l": tile.L, "n": tile.N, "w": tile.W, "path": tile.Path()}, err)
	},
}

func noteOpen(in *Input) Answer {
	var verifiers []note.Verifier
	for _, key := range in.Verifiers {
		verifier, err := note.NewVerifier(string(key))
		if err != nil {
			panic(err)
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open([]byte(in.Note), note.VerifierList(verifiers...))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		opened = unverified.Note
	}
	if opened == nil {
		return check(err)
	}
	return partial(object{
		"text": Bytes(opened.Text), "sigs": signatures(opened.Sigs), "unverified_sigs": signatures(opened.UnverifiedSigs),
	}, err)
}

func signatures(list []note.Signature) []object {
	shown := []object{}
	for _, s := range list {
		shown = append(shown, object{"name": Bytes(s.Name), "hash": fmt.Sprintf("%08x", s.Hash), "base64": Bytes(s.Base64)})
	}
	return shown
}
