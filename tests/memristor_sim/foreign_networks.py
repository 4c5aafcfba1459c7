"""Networks that others wrote, small and with random weights but for the one whose package ships trained ones.

Each function gives a model in evaluation mode and the keywords of a call of it. The package is imported inside, so that
what is not installed can be skipped.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from tests.memristor_sim.voice_activity import detector, speech

Network = tuple[nn.Module, dict[str, Any]]
TOKENS = torch.arange(24).view(2, 12) % 20 + 2


def _noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def _with_drawn(model: nn.Module, last: nn.Module) -> nn.Module:
    """The model with random weights in its last layer, which starts with zeros."""
    last.reset_parameters()
    return model


def torch_encoder() -> Network:
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    padding = torch.arange(12) >= torch.tensor([[12], [7]])
    return nn.TransformerEncoder(layer, 2), {"src": _noise(2, 12, 32), "src_key_padding_mask": padding}


def torch_transformer() -> Network:
    model = nn.Transformer(32, 4, 2, 2, 64, batch_first=True)
    return model, {"src": _noise(2, 12, 32), "tgt": _noise(2, 9, 32)}


def audio_conformer() -> Network:
    from torchaudio.models import Conformer

    model = Conformer(input_dim=32, num_heads=4, ffn_dim=64, num_layers=2, depthwise_conv_kernel_size=15)
    return model, {"input": _noise(2, 30, 32), "lengths": torch.tensor([30, 20])}


def audio_emformer() -> Network:
    from torchaudio.models import Emformer

    model = Emformer(32, 4, 64, 2, segment_length=4, right_context_length=2)
    return model, {"input": _noise(2, 14, 32), "lengths": torch.tensor([14, 12])}


def audio_wav2vec2() -> Network:
    from torchaudio.models import wav2vec2_model

    model = wav2vec2_model(
        extractor_mode="group_norm", extractor_conv_layer_config=[(32, 10, 5), (32, 3, 2), (32, 2, 2)],
        extractor_conv_bias=False, encoder_embed_dim=32, encoder_projection_dropout=0.0, encoder_pos_conv_kernel=16,
        encoder_pos_conv_groups=4, encoder_num_layers=2, encoder_num_heads=4, encoder_attention_dropout=0.0,
        encoder_ff_interm_features=64, encoder_ff_interm_dropout=0.0, encoder_dropout=0.0,
        encoder_layer_norm_first=False, encoder_layer_drop=0.0, aux_num_out=20,
    )  # fmt: skip
    return model, {"waveforms": _noise(2, 3200)}


def audio_wavlm() -> Network:
    from torchaudio.models import wavlm_model

    model = wavlm_model(
        extractor_mode="group_norm", extractor_conv_layer_config=[(32, 10, 5), (32, 3, 2), (32, 2, 2)],
        extractor_conv_bias=False, encoder_embed_dim=32, encoder_projection_dropout=0.0, encoder_pos_conv_kernel=16,
        encoder_pos_conv_groups=4, encoder_num_layers=2, encoder_num_heads=4, encoder_num_buckets=20,
        encoder_max_distance=40, encoder_attention_dropout=0.0, encoder_ff_interm_features=64,
        encoder_ff_interm_dropout=0.0, encoder_dropout=0.0, encoder_layer_norm_first=False, encoder_layer_drop=0.0,
        aux_num_out=20,
    )  # fmt: skip
    return model, {"waveforms": _noise(2, 3200)}


def audio_conv_tasnet() -> Network:
    from torchaudio.models import ConvTasNet

    model = ConvTasNet(enc_num_feats=32, msk_num_feats=16, msk_num_hidden_feats=32, msk_num_layers=3, msk_num_stacks=1)
    return model, {"input": _noise(2, 1, 800)}


def audio_demucs() -> Network:
    from torchaudio.models import HDemucs

    return HDemucs(["a", "b"], channels=8, nfft=2048, depth=5), {"input": _noise(1, 2, 8192)}


def audio_deep_speech() -> Network:
    from torchaudio.models import DeepSpeech

    return DeepSpeech(n_feature=16, n_hidden=64, n_class=20), {"x": _noise(2, 1, 12, 16)}


def audio_tacotron2() -> Network:
    from torchaudio.models import Tacotron2

    model = Tacotron2(
        n_symbol=30, symbol_embedding_dim=32, encoder_embedding_dim=32, n_mels=16, attention_rnn_dim=32,
        attention_hidden_dim=16, decoder_rnn_dim=32, prenet_dim=16, postnet_embedding_dim=16,
    )  # fmt: skip
    call = {"tokens": TOKENS, "token_lengths": torch.tensor([12, 12]), "mel_specgram": _noise(2, 16, 10)}
    return model, call | {"mel_specgram_lengths": torch.tensor([10, 10])}


def audio_wavernn() -> Network:
    from torchaudio.models import WaveRNN

    model = WaveRNN([2, 2], 16, 4, n_res_block=1, n_rnn=32, n_fc=32, n_freq=16, n_hidden=16, n_output=16, kernel_size=3)
    return model, {"waveform": _noise(2, 1, 16), "specgram": _noise(2, 1, 16, 6)}


def audio_rnnt() -> Network:
    from torchaudio.models import emformer_rnnt_model

    model = emformer_rnnt_model(
        input_dim=16, encoding_dim=32, num_symbols=20, segment_length=8, right_context_length=4,
        time_reduction_input_dim=16, time_reduction_stride=4, transformer_num_heads=4, transformer_ffn_dim=64,
        transformer_num_layers=2, transformer_dropout=0.0, transformer_activation="gelu",
        transformer_left_context_length=4,
        transformer_max_memory_size=0, transformer_weight_init_scale_strategy="depthwise",
        transformer_tanh_on_mem=True, symbol_embedding_dim=16, num_lstm_layers=2, lstm_layer_norm=True,
        lstm_layer_norm_epsilon=1e-3, lstm_dropout=0.0,
    )  # fmt: skip
    call = {"sources": _noise(2, 28, 16), "source_lengths": torch.tensor([28, 20]), "targets": TOKENS[:, :6]}
    return model, call | {"target_lengths": torch.tensor([6, 4]), "predictor_state": None}


def _vision(name: str, size: int = 64, **kwargs: Any) -> Callable[[], Network]:
    def network() -> Network:
        import torchvision

        return getattr(torchvision.models, name)(num_classes=10, **kwargs), {"x": _noise(2, 3, size, size)}

    return network


def vision_vit() -> Network:
    from torchvision.models import VisionTransformer

    model = VisionTransformer(32, 8, 2, 4, 64, 128, num_classes=10)
    return _with_drawn(model, model.heads.head), {"x": _noise(2, 3, 32, 32)}


def vision_segmentation() -> Network:
    from torchvision.models.segmentation import lraspp_mobilenet_v3_large

    return lraspp_mobilenet_v3_large(weights_backbone=None, num_classes=5), {"input": _noise(1, 3, 64, 64)}


def timm_convnext() -> Network:
    import timm

    return timm.create_model("convnext_atto", num_classes=10), {"x": _noise(2, 3, 64, 64)}


def timm_mixer() -> Network:
    import timm

    model = timm.models.MlpMixer(img_size=64, embed_dim=64, num_blocks=2, num_classes=10)
    return _with_drawn(model, model.head), {"x": _noise(2, 3, 64, 64)}


def conformer_package() -> Network:
    from conformer import Conformer

    return Conformer(32, depth=2, dim_head=8, heads=4, conv_kernel_size=15), {"x": _noise(2, 30, 32)}


def silero() -> Network:
    return detector(), {"wave": speech(1, 10)}


SMALL = {"vocab_size": 30, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def _hugging(cls: str, config: str, call: dict[str, Any], **changes: Any) -> Callable[[], Network]:
    def network() -> Network:
        import transformers

        return getattr(transformers, cls)(getattr(transformers, config)(**changes)), call

    return network


WHISPER = {
    "vocab_size": 30, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "num_mel_bins": 16,
    "max_source_positions": 20, "max_target_positions": 20, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1,
    "decoder_start_token_id": 1, "begin_suppress_tokens": None,
}  # fmt: skip
WAVEFORM = {
    "conv_dim": (32, 32), "conv_stride": (5, 2), "conv_kernel": (10, 3), "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4,
}  # fmt: skip
T5 = {
    "vocab_size": 30, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4,
    "decoder_start_token_id": 0,
}  # fmt: skip
MAMBA = {"vocab_size": 30, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}
VIT = SMALL | {"image_size": 32, "patch_size": 8}
GPT2 = {"vocab_size": 30, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 32}

NETWORKS: dict[str, Callable[[], Network]] = {
    "torch nn.TransformerEncoder": torch_encoder,
    "torch nn.Transformer": torch_transformer,
    "torchaudio Conformer": audio_conformer,
    "torchaudio Emformer": audio_emformer,
    "torchaudio Wav2Vec2": audio_wav2vec2,
    "torchaudio WavLM": audio_wavlm,
    "torchaudio ConvTasNet": audio_conv_tasnet,
    "torchaudio HDemucs": audio_demucs,
    "torchaudio DeepSpeech": audio_deep_speech,
    "torchaudio Tacotron2": audio_tacotron2,
    "torchaudio WaveRNN": audio_wavernn,
    "torchaudio RNN-T": audio_rnnt,
    "torchvision resnet18": _vision("resnet18"),
    "torchvision mobilenet_v3_small": _vision("mobilenet_v3_small"),
    "torchvision squeezenet1_1": _vision("squeezenet1_1"),
    "torchvision shufflenet_v2_x0_5": _vision("shufflenet_v2_x0_5"),
    "torchvision efficientnet_b0": _vision("efficientnet_b0"),
    "torchvision VisionTransformer": vision_vit,
    "torchvision LRASPP": vision_segmentation,
    "timm ConvNeXt": timm_convnext,
    "timm MLP-Mixer": timm_mixer,
    "transformers BERT": _hugging("BertForMaskedLM", "BertConfig", {"input_ids": TOKENS}, **SMALL),
    "transformers ALBERT": _hugging(
        "AlbertForMaskedLM", "AlbertConfig", {"input_ids": TOKENS}, **SMALL, embedding_size=16
    ),
    "transformers LLaMA": _hugging("LlamaForCausalLM", "LlamaConfig", {"input_ids": TOKENS}, **SMALL),
    "transformers GPT-2": _hugging("GPT2LMHeadModel", "GPT2Config", {"input_ids": TOKENS}, **GPT2),
    "transformers T5": _hugging(
        "T5ForConditionalGeneration", "T5Config", {"input_ids": TOKENS, "labels": TOKENS[:, :5].contiguous()}, **T5
    ),
    "transformers Whisper": _hugging(
        "WhisperForConditionalGeneration", "WhisperConfig",
        {"input_features": _noise(2, 16, 40), "decoder_input_ids": TOKENS[:, :6]}, **WHISPER,
    ),
    "transformers Wav2Vec2": _hugging(
        "Wav2Vec2ForCTC", "Wav2Vec2Config", {"input_values": _noise(2, 1600)}, **SMALL, **WAVEFORM
    ),
    "transformers HuBERT": _hugging(
        "HubertForCTC", "HubertConfig", {"input_values": _noise(2, 1600)}, **SMALL, **WAVEFORM
    ),
    "transformers Wav2Vec2-Conformer": _hugging(
        "Wav2Vec2ConformerForCTC", "Wav2Vec2ConformerConfig", {"input_values": _noise(2, 1600)},
        **SMALL, **WAVEFORM, conv_depthwise_kernel_size=15,
    ),
    "transformers ViT": _hugging("ViTModel", "ViTConfig", {"pixel_values": _noise(2, 3, 32, 32)}, **VIT),
    "transformers Mamba": _hugging("MambaForCausalLM", "MambaConfig", {"input_ids": TOKENS}, **MAMBA),
    "conformer Conformer": conformer_package,
    "silero-vad, trained": silero,
}  # fmt: skip
"""By package and name."""


def outputs(result: Any) -> torch.Tensor:
    """The first floating-point tensor of what a model returns, that is not a loss."""
    if isinstance(result, torch.Tensor):
        return result
    parts = result.values() if isinstance(result, dict) else result
    found = (outputs(part) for part in parts if not (isinstance(part, torch.Tensor) and part.dim() == 0))
    return next(part for part in found if part.is_floating_point())
