#include "textflag.h"

// Each kernel does n voxels, a positive multiple of 8. Operands read as in Go's
// assembler: sources from right to left, the destination last.

// func lerpPairsAVX2(dst *float64, src *int16, lo *int32, weight *float64, n int)
//
// One 32-bit load fetches both neighbours: src[lo] in its lower half, src[lo+1]
// in its upper.
TEXT ·lerpPairsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ lo+16(FP), R8
	MOVQ weight+24(FP), R9
	MOVQ n+32(FP), CX

pairs:
	VMOVDQU      (R8), Y0
	VPCMPEQD     Y1, Y1, Y1
	VPXOR        Y2, Y2, Y2
	VPGATHERDD   Y1, (SI)(Y0*2), Y2
	VPSLLD       $16, Y2, Y3
	VPSRAD       $16, Y3, Y3 // a = src[lo]
	VPSRAD       $16, Y2, Y2 // b = src[lo+1]
	VPSUBD       Y3, Y2, Y2  // b - a
	VCVTDQ2PD    X3, Y4
	VEXTRACTI128 $1, Y3, X3
	VCVTDQ2PD    X3, Y5
	VCVTDQ2PD    X2, Y6
	VEXTRACTI128 $1, Y2, X2
	VCVTDQ2PD    X2, Y7
	VMULPD       (R9), Y6, Y6
	VMULPD       32(R9), Y7, Y7
	VADDPD       Y6, Y4, Y4
	VADDPD       Y7, Y5, Y5
	VMOVUPD      Y4, (DI)
	VMOVUPD      Y5, 32(DI)
	ADDQ         $32, R8
	ADDQ         $64, R9
	ADDQ         $64, DI
	SUBQ         $8, CX
	JNZ          pairs
	VZEROUPPER
	RET

// func blendAVX2(dst, lo, hi *float64, weight float64, n int)
TEXT ·blendAVX2(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         lo+8(FP), SI
	MOVQ         hi+16(FP), R8
	VBROADCASTSD weight+24(FP), Y0
	MOVQ         n+32(FP), CX

rows:
	VMOVUPD (SI), Y1
	VMOVUPD 32(SI), Y2
	VMOVUPD (R8), Y3
	VMOVUPD 32(R8), Y4
	VSUBPD  Y1, Y3, Y3 // hi - lo
	VSUBPD  Y2, Y4, Y4
	VMULPD  Y0, Y3, Y3
	VMULPD  Y0, Y4, Y4
	VADDPD  Y3, Y1, Y1
	VADDPD  Y4, Y2, Y2
	VMOVUPD Y1, (DI)
	VMOVUPD Y2, 32(DI)
	ADDQ    $64, SI
	ADDQ    $64, R8
	ADDQ    $64, DI
	SUBQ    $8, CX
	JNZ     rows
	VZEROUPPER
	RET

DATA ·half+0(SB)/8, $0.5
GLOBL ·half(SB), RODATA|NOPTR, $8

// func blendRoundAVX2(dst *int16, lo, hi *float64, weight float64, n int)
TEXT ·blendRoundAVX2(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         lo+8(FP), SI
	MOVQ         hi+16(FP), R8
	VBROADCASTSD weight+24(FP), Y0
	MOVQ         n+32(FP), CX
	VBROADCASTSD ·half(SB), Y8
	VPCMPEQD     Y9, Y9, Y9
	VPSLLQ       $63, Y9, Y9 // the sign bit

rounded:
	VMOVUPD     (SI), Y1
	VMOVUPD     32(SI), Y2
	VMOVUPD     (R8), Y3
	VMOVUPD     32(R8), Y4
	VSUBPD      Y1, Y3, Y3
	VSUBPD      Y2, Y4, Y4
	VMULPD      Y0, Y3, Y3
	VMULPD      Y0, Y4, Y4
	VADDPD      Y3, Y1, Y1
	VADDPD      Y4, Y2, Y2
	VANDPD      Y9, Y1, Y3
	VANDPD      Y9, Y2, Y4
	VORPD       Y8, Y3, Y3 // 0.5 with the value's sign
	VORPD       Y8, Y4, Y4
	VADDPD      Y3, Y1, Y1
	VADDPD      Y4, Y2, Y2
	VCVTTPD2DQY Y1, X1
	VCVTTPD2DQY Y2, X2
	VPACKSSDW   X2, X1, X1
	VMOVDQU     X1, (DI)
	ADDQ        $64, SI
	ADDQ        $64, R8
	ADDQ        $16, DI
	SUBQ        $8, CX
	JNZ         rounded
	VZEROUPPER
	RET
