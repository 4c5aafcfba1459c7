"""Sub-word labels: training a SentencePiece model and spelling words with it."""

from collections.abc import Iterable
from pathlib import Path

from recipe.errors import InputError
from recipe.files import open_text, written_aside
from recipe.lexicon.labels import BLANK, SentencePieceLabels


def train_sentencepiece(text: str | Path, labels: SentencePieceLabels, model: str | Path) -> None:
    """Train on a text file, a sentence per line. The unknown piece stays, as piece 0; nothing else is special.

    SentencePiece reads sentences, not the file: it would write the file's path into the model.
    """
    import sentencepiece

    with open_text(text) as sentences, written_aside(model) as path, open(path, "wb") as file:
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=(line.rstrip("\n") for line in sentences),
                model_writer=file,
                vocab_size=labels.size,
                model_type=labels.model_type,
                character_coverage=1.0,
                bos_id=-1,
                eos_id=-1,
                pad_id=-1,
                unk_id=0,
                num_threads=1,
                input_sentence_size=1_000_000,
                minloglevel=1,
            )
        except RuntimeError as error:
            message = str(error).split("] ")[-1].strip()
            raise InputError(
                f"SentencePieceLabels.size {labels.size} does not fit the text {text}: {message}"
            ) from None


class SentencePieceSpeller:
    """Spells words with a trained model."""

    def __init__(self, model: str | Path):
        import sentencepiece

        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
        except (RuntimeError, OSError) as error:
            raise InputError(f"{model} is no whole SentencePiece model ({error}); train it again") from None

    @property
    def inventory(self) -> list[str]:
        """All pieces in index order, the blank last."""
        return [self._processor.id_to_piece(index) for index in range(len(self._processor))] + [BLANK]

    def spell(self, word: str) -> list[str]:
        """Pieces of a word; the first begins with the word mark."""
        return self._processor.encode(word, out_type=str)

    def lexicon(self, words: Iterable[str]) -> tuple[list[tuple[str, list[str]]], list[str]]:
        """(word, pieces) for every word that the pieces can spell; and the words with a letter that no piece has."""
        spelled, unspellable = [], []
        for word in words:
            if self._processor.unk_id() in self._processor.encode(word):
                unspellable.append(word)
            else:
                spelled.append((word, self.spell(word)))
        return spelled, unspellable
